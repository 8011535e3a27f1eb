/** @file A text with choices of where its lines break, after Wadler, and the printer that settles them. */

/** Longest line that the formatter makes of its own accord, in characters. */
export const WIDTH = 110;
/** How much further a line begins that goes on only because a comment ended the line before it. */
const CONTINUATION = 4;

/** A space or nothing (`flat`) while its group fits on the line, else a line break; `blank`: with an empty line before it. */
export interface Line {
  readonly kind: 'line';
  readonly flat: string;
  readonly blank: boolean;
}

/** All lines directly in it break, or none. */
export interface Group {
  readonly kind: 'group';
  readonly body: Doc;
  broken: boolean;
  /** It ends with a comment. */
  readonly behind: boolean;
}

/** Spaces that bring the columns of neighbouring lines into line; their number is found last. */
export interface Pad {
  readonly kind: 'pad';
  width: number;
}

export type Doc =
  | string
  | readonly Doc[]
  | Line
  | Group
  | Pad
  /** Lines in it begin two characters further in, or below its first character. */
  | { readonly kind: 'indent' | 'hang'; readonly body: Doc }
  /** A comment behind what the line holds: nothing follows it there. */
  | { readonly kind: 'trailing'; readonly comment: string }
  /** A comment that has a line to itself. */
  | { readonly kind: 'own'; readonly comment: string };

export const line = (flat = ' ', blank = false): Line => ({ kind: 'line', flat, blank });
export const indent = (body: Doc): Doc => ({ kind: 'indent', body });
export const hang = (body: Doc): Doc => ({ kind: 'hang', body });
export const pad = (): Pad => ({ kind: 'pad', width: 0 });
/** A comment in a group breaks it, unless the group ends there. */
export function group(body: Doc, broken = false): Group {
  const { within, behind } = commentsIn(body);
  return { kind: 'group', body, broken: broken || within, behind };
}

function isList(doc: Doc): doc is readonly Doc[] {
  return Array.isArray(doc);
}

/** Whether something follows a comment or another line break in `doc`, and whether `doc` ends with a comment. */
function commentsIn(doc: Doc): { within: boolean; behind: boolean } {
  if (typeof doc === 'string') return { within: false, behind: false };
  if (isList(doc)) {
    let [within, behind] = [false, false];
    for (const part of doc) {
      if (isEmpty(part)) continue;
      const inPart = commentsIn(part);
      within ||= behind || inPart.within;
      behind = inPart.behind;
    }
    return { within, behind };
  }
  if (doc.kind === 'group') return { within: doc.broken, behind: doc.behind };
  if (doc.kind === 'indent' || doc.kind === 'hang') return commentsIn(doc.body);
  return { within: doc.kind === 'own', behind: doc.kind === 'trailing' };
}

const isEmpty = (doc: Doc): boolean => doc === '' || (isList(doc) && doc.every(isEmpty));

/** In characters, as an editor counts them. */
export const widthOf = (text: string): number => [...text].length;

/** The width of `doc` on one line up to `until` (default: all of it); undefined where something must break before. */
export function flatWidth(doc: Doc, until?: Pad): number | undefined {
  let width = 0;
  const stack: Doc[] = [doc];
  while (stack.length > 0) {
    const next = stack.pop()!;
    if (next === until) return width;
    if (typeof next === 'string') width += widthOf(next);
    else if (isList(next)) stack.push(...next.toReversed());
    else if (next.kind === 'line') width += next.flat.length;
    else if (next.kind === 'pad') width += next.width;
    else if (next.kind === 'trailing' || next.kind === 'own') return undefined;
    else if (next.kind === 'group' && next.broken && until === undefined) return undefined;
    else stack.push(next.body);
  }
  return width;
}

export interface PrintedLine {
  /** With its indentation; empty for a blank line. */
  readonly text: string;
  /** Behind the text; of a comment on its own line, the text is its indentation. */
  readonly comment?: string;
}

type Command = readonly [indentation: number, flat: boolean, doc: Doc];

/** Whether `first` and then `commands` (the last one first) reach their first line break within `room` characters. */
function fits(
  first: readonly [flat: boolean, doc: Doc],
  commands: readonly Command[],
  room: number,
): boolean {
  const stack = [first];
  let rest = commands.length;
  while (room >= 0) {
    const next = stack.pop() ?? (rest > 0 ? (commands[--rest]!.slice(1) as [boolean, Doc]) : undefined);
    if (next === undefined) return true;
    const [flat, doc] = next;
    if (typeof doc === 'string') room -= widthOf(doc);
    else if (isList(doc)) for (const part of doc.toReversed()) stack.push([flat, part]);
    else if (doc.kind === 'line') {
      if (!flat) return true;
      room -= doc.flat.length;
    } else if (doc.kind === 'pad') room -= doc.width;
    else if (doc.kind === 'trailing' || doc.kind === 'own') return true;
    else if (doc.kind === 'group') stack.push([flat && !doc.broken, doc.body]);
    else stack.push([flat, doc.body]);
  }
  return false;
}

class Printer {
  readonly lines: PrintedLine[] = [];
  #text = '';
  /** The line holds nothing but its indentation. */
  #fresh = true;
  #comment: string | undefined;
  /** Where the next line begins if the text goes on behind a comment without a line break of its own. */
  #resume = 0;

  print(doc: Doc): void {
    const commands: Command[] = [[0, false, doc]];
    while (commands.length > 0) {
      const [indentation, flat, next] = commands.pop()!;
      if (typeof next === 'string') this.#write(next);
      else if (isList(next)) for (const part of next.toReversed()) commands.push([indentation, flat, part]);
      else
        switch (next.kind) {
          case 'line':
            if (flat && this.#comment === undefined) this.#write(next.flat);
            else this.#break(indentation, next.blank);
            break;
          case 'pad':
            this.#write(' '.repeat(next.width));
            break;
          case 'group': {
            const room = WIDTH - widthOf(this.#text);
            const whole = !next.broken && (flat || fits([true, next.body], commands, room));
            commands.push([indentation, whole, next.body]);
            break;
          }
          case 'indent':
            commands.push([indentation + 2, flat, next.body]);
            break;
          case 'hang':
            if (this.#comment !== undefined) this.#break(this.#resume, false);
            commands.push([widthOf(this.#text), flat, next.body]);
            break;
          case 'trailing':
            this.#remark(next.comment, indentation + CONTINUATION);
            break;
          case 'own':
            this.#own(next.comment, indentation + CONTINUATION);
        }
    }
    this.#break(0, false);
  }

  #write(text: string): void {
    if (this.#comment !== undefined) {
      if (text.trim() === '') return;
      this.#break(this.#resume, false);
      text = text.trimStart();
    }
    if (text === '') return;
    this.#text += text;
    this.#fresh = false;
  }

  #break(indentation: number, blank: boolean): void {
    const comment = this.#comment;
    if (!this.#fresh || comment !== undefined) {
      const text = comment !== undefined && this.#fresh ? this.#text : this.#text.trimEnd();
      this.lines.push(comment === undefined ? { text } : { text, comment });
    }
    if (blank && this.lines.length > 0) this.lines.push({ text: '' });
    this.#text = ' '.repeat(indentation);
    this.#fresh = true;
    this.#comment = undefined;
  }

  #remark(comment: string, resume: number): void {
    this.#comment = comment;
    this.#resume = resume;
  }

  #own(comment: string, continuation: number): void {
    if (this.#comment !== undefined) this.#break(this.#resume, false);
    else if (!this.#fresh) this.#break(continuation, false);
    this.#remark(comment, widthOf(this.#text));
  }
}

export function print(doc: Doc): PrintedLine[] {
  const printer = new Printer();
  printer.print(doc);
  return printer.lines;
}
