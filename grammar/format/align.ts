/** @file Brings neighbouring declarations of one kind into columns, and settles which bodies stay on one line. */
import { flatWidth, WIDTH, type Doc, type Group, type Pad } from './document.js';

/** A declaration with its layout. */
export interface Statement {
  /** Only neighbours of one kind share columns. */
  readonly kind: string;
  readonly doc: Doc;
  /** Before the columns that it shares with its neighbours wherever it breaks. */
  readonly pads: readonly Pad[];
  /** What breaks first when it does not fit on one line, and before which further columns it aligns until then. */
  readonly foldable?: { readonly group: Group; readonly pads: readonly Pad[] };
  /** Statements in its body. */
  readonly body: readonly Statement[];
  /** It follows the statement before it directly: no comment and no empty line is between. */
  readonly adjacent: boolean;
}

/** Sets the pads of statements that stand on lines of their own, `indentation` characters in, and breaks what does not fit. */
export function align(statements: readonly Statement[], indentation: number): void {
  for (const run of runsOf(statements)) {
    alignRun(run, WIDTH - indentation);
    for (const { foldable, body } of run) if (foldable?.group.broken) align(body, indentation + 2);
  }
}

function alignRun(run: readonly Statement[], room: number): void {
  const folded = (s: Statement): boolean => s.foldable !== undefined && !s.foldable.group.broken;
  const tooWide = (s: Statement): boolean => (flatWidth(s.doc) ?? Infinity) > room;
  for (const s of run) if (folded(s) && tooWide(s)) s.foldable!.group.broken = true;
  // Columns can make a line too long; it then breaks, and leaves the columns to the others.
  for (;;) {
    for (const { pads, foldable } of run)
      for (const pad of [...pads, ...(foldable?.pads ?? [])]) pad.width = 0;
    alignColumns(run, ({ pads }) => pads);
    for (const lines of splitWhere(run, (s) => !folded(s)))
      alignColumns(lines, ({ foldable }) => foldable!.pads);
    const broken = run.filter((s) => folded(s) && tooWide(s));
    if (broken.length === 0) return;
    for (const { foldable } of broken) foldable!.group.broken = true;
  }
}

function alignColumns(run: readonly Statement[], padsOf: (s: Statement) => readonly Pad[]): void {
  const count = Math.max(0, ...run.map((s) => padsOf(s).length));
  for (let column = 0; column < count; column++) {
    const cells = run.flatMap((s) => {
      const pad = padsOf(s)[column];
      const width = pad && flatWidth(s.doc, pad);
      return pad && width !== undefined ? [{ pad, width }] : [];
    });
    const widest = Math.max(...cells.map(({ width }) => width));
    for (const { pad, width } of cells) pad.width = widest - width;
  }
}

/** Neighbours of one kind. */
function runsOf(statements: readonly Statement[]): Statement[][] {
  const runs: Statement[][] = [];
  for (const statement of statements) {
    const last = runs.at(-1);
    if (last && statement.adjacent && last[0]!.kind === statement.kind) last.push(statement);
    else runs.push([statement]);
  }
  return runs;
}

function splitWhere(run: readonly Statement[], isBorder: (s: Statement) => boolean): Statement[][] {
  const parts: Statement[][] = [[]];
  for (const statement of run) {
    if (isBorder(statement)) parts.push([]);
    else parts.at(-1)!.push(statement);
  }
  return parts.filter((part) => part.length > 0);
}
