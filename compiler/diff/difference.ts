/** @file What a difference of two specs is: entries, each about one thing. */

export interface Difference {
  /** Where it belongs: `groups`, `losses`, `routes`, `data faces`, … */
  readonly section: string;
  readonly name: string;
  /** Absent: added. */
  readonly before?: string;
  /** Absent: removed. */
  readonly after?: string;
}

/** What a thing is (`key`), and how it reads. */
export interface Cell {
  readonly key: unknown;
  readonly text: string;
}

/** Where two things read the same and are not. */
const ELSEWHERE = 'the same text, of what has changed';

/** Entries of one section for two tables; equal texts, or cells with equal keys, are no difference. */
export function compareTables(
  section: string,
  before: ReadonlyMap<string, string | Cell>,
  after: ReadonlyMap<string, string | Cell>,
): Difference[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name): Difference[] => {
    const [a, b] = [before, after].map((table) => cellOf(table.get(name))) as [Cell?, Cell?];
    if (!a || !b) return [{ section, name, ...(a && { before: a.text }), ...(b && { after: b.text }) }];
    if (a.key === b.key) return [];
    return [{ section, name, before: a.text, after: a.text === b.text ? ELSEWHERE : b.text }];
  });
}

const cellOf = (cell: string | Cell | undefined): Cell | undefined =>
  typeof cell === 'string' ? { key: cell, text: cell } : cell;

/** Plain data as a reader of specs writes it: `ten(height: 56, width: 48)`, `a, b`, `none`. Places are left out. */
export function formatData(data: unknown): string {
  if (data === null || data === undefined) return 'none';
  if (Array.isArray(data)) return data.length === 0 ? 'none' : data.map(formatData).join(', ');
  if (typeof data !== 'object') return String(data);
  const entries = Object.entries(data).filter(([key]) => key !== 'span');
  const { kind } = data as { kind?: unknown };
  const inside = entries
    .filter(([key]) => key !== 'kind')
    .map(([key, value]) => `${key}: ${formatData(value)}`)
    .join(', ');
  return typeof kind === 'string' ? `${kind}(${inside})` : `{${inside}}`;
}

/** The fields of plain data, each as text, but for those left out. */
export const fieldsOf = (data: object, ...left: readonly string[]): Map<string, string> =>
  new Map(
    Object.entries(data)
      .filter(([key]) => key !== 'span' && !left.includes(key))
      .map(([key, value]) => [key, formatData(value)]),
  );

const SIGN = (d: Difference): string => (d.before === undefined ? '+' : d.after === undefined ? '-' : '~');
const WIDTH = 110;
/** Entries of one section that are shown, unless all are asked for. */
const SHOWN = 8;

/** `+` is only in the second, `-` only in the first, `~` is in both and differs. */
export function formatDifferences(differences: readonly Difference[], options: { all: boolean }): string {
  const sections = [...new Set(differences.map((d) => d.section))];
  return sections
    .map((section) => {
      const own = differences.filter((d) => d.section === section);
      const told = own.filter((d) => d.after !== ELSEWHERE);
      const follow = own.filter((d) => d.after === ELSEWHERE).map((d) => d.name);
      const shown = options.all || told.length <= SHOWN + 1 ? told : told.slice(0, SHOWN);
      const widest = Math.max(0, ...shown.map((d) => d.name.length));
      return [
        section,
        ...shown.map((d) => `  ${SIGN(d)} ${linesOf(d, widest)}`),
        ...(shown.length < told.length ? [`  and ${told.length - shown.length} more (-v shows them)`] : []),
        ...(follow.length > 0 ? [`  ~ ${follow.join(', ')}: ${ELSEWHERE}`] : []),
      ].join('\n');
    })
    .join('\n');
}

function linesOf({ name, before, after }: Difference, widest: number): string {
  const head = name.padEnd(widest);
  if (before === undefined || after === undefined) return `${head}  ${before ?? after}`.trimEnd();
  const short = `${head}  ${before} -> ${after}`;
  if (short.length + 4 <= WIDTH) return short;
  return `${head}  ${before}\n${' '.repeat(widest + 3)}-> ${after}`;
}
