/** @file What a page is made of: sections of paragraphs, figures with the tables of their data, and tables. */
import type { Figure } from './figure.js';
import type { Table } from './table.js';

export interface Section {
  /** An anchor. */
  readonly id: string;
  readonly title: string;
  /** Within the section before it that has none. */
  readonly inner: boolean;
  readonly parts: readonly Part[];
}

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** `stamp`: what must be said wherever its numbers stand; null: nothing. */
  | { readonly kind: 'table'; readonly table: Table; readonly stamp: string | null }
  /** Side by side where there is room. `stamp`: of each figure and of the table of its numbers. */
  | { readonly kind: 'figures'; readonly figures: readonly Illustrated[]; readonly stamp: string | null }
  | { readonly kind: 'more'; readonly summary: string; readonly parts: readonly Part[] };

/** A figure and its numbers. */
export interface Illustrated {
  readonly figure: Figure;
  readonly table: Table;
}

/** All parts, those within others too. */
export function partsOf(sections: readonly Pick<Section, 'parts'>[]): Part[] {
  return sections.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.kind === 'more' ? [part, ...partsOf([part])] : [part])),
  );
}

export const figuresOf = (sections: readonly Section[]): { figure: Figure; stamp: string | null }[] =>
  partsOf(sections).flatMap((part) =>
    part.kind === 'figures' ? part.figures.map(({ figure }) => ({ figure, stamp: part.stamp })) : [],
  );

export const tablesOf = (sections: readonly Section[]): { table: Table; stamp: string | null }[] =>
  partsOf(sections).flatMap((part) => {
    if (part.kind === 'table') return [{ table: part.table, stamp: part.stamp }];
    return part.kind === 'figures' ? part.figures.map(({ table }) => ({ table, stamp: part.stamp })) : [];
  });

/** `runs/quick-001` as a part of an id and of a file name. */
export const idOf = (...parts: readonly string[]): string =>
  parts
    .join('-')
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9_]+/g, '-')
    .replace(/^-+|-+$/g, '');
