/** @file Tables: one set of rows for the page, where they are read, and for a CSV file, where they are counted on. */
import { element, escape } from './markup.js';

export type Cell = string | number | null;

export interface Column {
  readonly name: string;
  /** On the page; in the file, numbers stand in full. */
  readonly show?: (value: number) => string;
  /** Whose numbers these are; told by a heading of its own, not by colour alone. */
  readonly from?: 'published' | 'measured';
}

export interface Table {
  /** Of files and anchors. */
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Below the table. */
  readonly notes?: readonly string[];
}

/** The first column names its row. `stamp`: what its numbers must not be shown without; null: nothing. */
export function tableInPage({ id, caption, columns, rows, notes }: Table, stamp: string | null): string {
  const numeric = columns.map((_, i) => rows.some((row) => typeof row[i] === 'number'));
  const grouped = columns.some((c) => c.from !== undefined);
  const head = [
    ...(grouped ? [element('tr', {}, ...groups(columns))] : []),
    element(
      'tr',
      {},
      ...columns.map((c, i) =>
        element('th', { scope: 'col', class: lookOf(c, numeric[i]!) }, escape(c.name)),
      ),
    ),
  ];
  const body = rows.map((row) =>
    element(
      'tr',
      {},
      ...row.map((cell, i) => {
        const column = columns[i]!;
        const shown = typeof cell === 'number' ? (column.show?.(cell) ?? String(cell)) : (cell ?? '–');
        return i === 0
          ? element('th', { scope: 'row' }, escape(shown))
          : element('td', { class: lookOf(column, numeric[i]!) }, escape(shown));
      }),
    ),
  );
  const table = element(
    'table',
    { id },
    element(
      'caption',
      {},
      // Stays in sight while a wide table is moved.
      element(
        'span',
        { class: 'title' },
        escape(caption),
        ...(stamp === null ? [] : [' ', element('span', { class: 'stamp' }, escape(stamp))]),
      ),
    ),
    element('thead', {}, ...head),
    element('tbody', {}, ...body),
  );
  const below = (notes ?? []).map((note) => element('p', { class: 'note' }, escape(note)));
  return (
    element('div', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': caption }, table) +
    below.join('')
  );
}

/** A heading over neighbours that come from the same place. */
function groups(columns: readonly Column[]): string[] {
  const cells: string[] = [];
  for (let i = 0; i < columns.length;) {
    const { from } = columns[i]!;
    let span = 1;
    while (i + span < columns.length && columns[i + span]!.from === from) span++;
    cells.push(
      from === undefined
        ? element('td', { colspan: span })
        : element('th', { colspan: span, scope: 'colgroup', class: from }, HEADINGS[from]),
    );
    i += span;
  }
  return cells;
}

const HEADINGS = { published: 'published in the paper', measured: 'measured by these runs' } as const;

const lookOf = ({ from }: Column, isNumber: boolean): string | undefined => {
  const look = [from, isNumber ? 'number' : undefined].filter((part) => part !== undefined).join(' ');
  return look === '' ? undefined : look;
};

/** RFC 4180, with a line of names; what comes from the paper and what was measured has it in its name. The stamp is a last column. */
export function tableAsCsv({ columns, rows }: Table, stamp: string | null): string {
  const names = columns.map(({ name, from }) => (from === undefined ? name : `${from}: ${name}`));
  const lines = stamp === null ? [names, ...rows] : [[...names, 'stamp'], ...rows.map((r) => [...r, stamp])];
  return lines.map((row) => row.map(csvCell).join(',')).join('\r\n');
}

function csvCell(cell: Cell): string {
  const text = cell === null ? '' : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
