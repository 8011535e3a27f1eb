/** @file Diagnostics as text with the source lines they speak of, for a terminal or a log. */
import type { Diagnostic, Severity } from './diagnostic.js';

export interface RenderOptions {
  /** Use ANSI colours (default: false). */
  readonly color?: boolean;
}

export interface SourceText {
  readonly name: string;
  readonly text: string;
}

const COLORS: Readonly<Record<Severity | 'frame' | 'bold' | 'help', string>> = {
  error: '\u001b[1;31m',
  warning: '\u001b[1;33m',
  note: '\u001b[1;36m',
  frame: '\u001b[34m',
  bold: '\u001b[1m',
  help: '\u001b[32m',
};
const RESET = '\u001b[0m';
const TAB = '  ';

interface Mark {
  readonly source: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly primary: boolean;
}

/** One diagnostic: title, place, marked source lines, hint. Ends without a line break. */
export function renderDiagnostic(
  d: Diagnostic,
  sources: readonly SourceText[],
  options: RenderOptions = {},
): string {
  const paint = (color: keyof typeof COLORS, text: string): string =>
    options.color ? `${COLORS[color]}${text}${RESET}` : text;
  const title = `${paint(d.severity, `${d.severity}[${d.code}]`)}${paint('bold', `: ${d.message}`)}`;
  const marks: Mark[] = [
    { ...d.span, text: d.label ?? '', primary: true },
    ...(d.labels ?? []).map(({ span, message }): Mark => ({ ...span, text: message, primary: false })),
  ];
  const bySource = new Map<string, Mark[]>();
  for (const mark of marks) bySource.set(mark.source, [...(bySource.get(mark.source) ?? []), mark]);
  const excerpts = [...bySource].map(([name, own]) => excerpt(name, own, sources, d.severity, paint));
  const hint = d.hint === undefined ? [] : [`  ${paint('frame', '=')} ${paint('help', 'help')}: ${d.hint}`];
  return [title, ...excerpts, ...hint].join('\n');
}

type Paint = (color: keyof typeof COLORS, text: string) => string;

function excerpt(
  name: string,
  marks: readonly Mark[],
  sources: readonly SourceText[],
  severity: Severity,
  paint: Paint,
): string {
  const text = sources.find((s) => s.name === name)?.text;
  if (text === undefined) return `  ${paint('frame', '-->')} ${name}`;
  const located = marks.map((mark) => ({ ...mark, ...positionOf(text, mark.start) }));
  const first = located.find((m) => m.primary) ?? located[0]!;
  const lines = text.split('\n');
  const shown = [...new Set(located.map((m) => m.line))].sort((a, b) => a - b);
  const width = String(shown.at(-1)).length;
  const gutter = (label: string): string => paint('frame', `${label.padStart(width)} |`);
  const body = shown.flatMap((line, i) => {
    const gap = i > 0 && line > shown[i - 1]! + 1 ? [paint('frame', '...')] : [];
    const whole = (lines[line - 1] ?? '').replaceAll('\r', '');
    const own = located.filter((m) => m.line === line).sort((a, b) => a.column - b.column);
    const { text: source, skipped } = excerptOf(whole, (own.find((m) => m.primary) ?? own[0]!).column - 1);
    const under = own
      .filter((m) => m.column - 1 >= skipped && m.column - 1 - skipped <= source.length)
      .map((m) => {
        const at = m.column - 1 - skipped;
        const from = widthOf(source.slice(0, at));
        const length = Math.max(1, widthOf(source.slice(at, at + m.end - m.start)));
        const signs = (m.primary ? '^' : '-').repeat(length);
        return `${gutter('')} ${' '.repeat(from)}${paint(m.primary ? severity : 'frame', `${signs}${m.text === '' ? '' : ` ${m.text}`}`)}`;
      });
    return [...gap, `${gutter(String(line))} ${printable(source)}`, ...under];
  });
  return [`${' '.repeat(width)}${paint('frame', '-->')} ${name}:${first.line}:${first.column}`, ...body].join(
    '\n',
  );
}

const LONGEST_LINE = 400;
/** Kept before the mark of a longer line. */
const LEAD = 100;

/** A line, or of a very long one what stands around the mark; `skipped` characters were left out in front. */
function excerptOf(line: string, mark: number): { readonly text: string; readonly skipped: number } {
  if (line.length <= LONGEST_LINE) return { text: line, skipped: 0 };
  const skipped = Math.max(0, Math.min(mark - LEAD, line.length - LONGEST_LINE));
  return { text: line.slice(skipped, skipped + LONGEST_LINE), skipped };
}

/** A source line as it is printed: a control character must not reach the terminal. */
const printable = (line: string): string => line.replaceAll('\t', TAB).replaceAll(/\p{Cc}/gu, '\u00b7');

/** Columns a text takes: tabs as two, wide characters (CJK, emoji) as two, combining marks as none. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text.replaceAll('\t', TAB)) {
    if (/\p{Mark}/u.test(character)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}

/** Line and column from 1. */
export function positionOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - start + 1 };
}

/** All of them, a blank line between, and a count at the end (`2 errors, 1 warning`). */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: readonly SourceText[],
  options: RenderOptions = {},
): string {
  if (diagnostics.length === 0) return '';
  const count = (severity: Severity): string[] => {
    const n = diagnostics.filter((d) => d.severity === severity).length;
    return n === 0 ? [] : [`${n} ${severity}${n === 1 ? '' : 's'}`];
  };
  const summary = [...count('error'), ...count('warning'), ...count('note')].join(', ');
  return `${diagnostics.map((d) => renderDiagnostic(d, sources, options)).join('\n\n')}\n\n${summary}\n`;
}
