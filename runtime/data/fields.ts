/** @file Columns of numbers in a manifest, which inputs of a model read by name: soft labels, votes, ages. */
import type { Field } from './dataset.js';
import { numberIn, show } from './table.js';

interface Column {
  readonly name: string;
  readonly at: number;
  shape?: readonly number[];
  values: number[];
  /** The first cell that is not like those before it. */
  why?: string;
}

export interface Fields {
  readonly fields: readonly Field[];
  readonly otherColumns: readonly { readonly name: string; readonly why: string }[];
}

/**
 * Collects rows. A column is a field if every cell is a number, or every cell a JSON list of one shape; the columns
 * `votes.anger`, `votes.fear`, … together are the field `votes` too, in their order.
 */
export class FieldReader {
  readonly #columns: readonly Column[];

  /** @param taken positions of columns that mean something else. */
  constructor(names: readonly string[], taken: readonly (number | undefined)[]) {
    this.#columns = names.flatMap((name, at) =>
      name === '' || taken.includes(at) ? [] : [{ name, at, values: [] }],
    );
  }

  add(cells: readonly unknown[], place: string): void {
    for (const column of this.#columns) {
      if (column.why !== undefined) continue;
      const found = arrayIn(cells[column.at]);
      column.shape ??= found?.shape;
      if (!found || found.shape.join() !== column.shape!.join()) {
        column.why = `${place} has ${found ? size(found.shape) : show(cells[column.at])}${
          column.shape ? `, and not ${size(column.shape)}` : ', which is no number'
        }`;
        column.values = [];
      } else column.values.push(...found.values);
    }
  }

  finish(): Fields {
    const whole = this.#columns.filter((c) => c.why === undefined && c.shape);
    const fields = whole.map(({ name, shape, values }) => ({
      name,
      shape: shape!,
      values: Float32Array.from(values),
    }));
    const names = new Set(this.#columns.map((c) => c.name));
    const prefixes = new Set(this.#columns.flatMap(({ name }) => prefixOf(name) ?? []));
    const otherColumns = this.#columns.flatMap(({ name, why }) => (why === undefined ? [] : [{ name, why }]));
    for (const prefix of prefixes) {
      if (names.has(prefix)) continue;
      const parts = this.#columns.filter(({ name }) => prefixOf(name) === prefix);
      const broken = parts.find(({ why, shape }) => why !== undefined || shape?.length !== 0);
      if (broken) {
        otherColumns.push({
          name: prefix,
          why: `of ${broken.name}, ${broken.why ?? 'whose cells are lists'}`,
        });
        continue;
      }
      const rows = parts[0]!.values.length;
      const values = Float32Array.from(
        { length: rows * parts.length },
        (_, i) => parts[i % parts.length]!.values[Math.floor(i / parts.length)]!,
      );
      fields.push({ name: prefix, shape: [parts.length], values });
    }
    return { fields, otherColumns };
  }
}

const prefixOf = (name: string): string | undefined => /^([A-Za-z_]\w*)\../.exec(name)?.[1];

const size = (shape: readonly number[]): string =>
  shape.length === 0 ? 'a number' : `${shape.join(' by ')} numbers`;

interface Numbers {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

function arrayIn(cell: unknown): Numbers | undefined {
  const number = numberIn(cell);
  if (number !== undefined) return { shape: [], values: [number] };
  if (typeof cell !== 'string') return flat(cell);
  if (!cell.startsWith('[')) return undefined;
  try {
    return flat(JSON.parse(cell));
  } catch {
    return undefined;
  }
}

/** Nested lists of equal lengths; a text among them is no number. */
function flat(value: unknown, depth = 0): Numbers | undefined {
  if (typeof value === 'number') return { shape: [], values: [value] };
  if (!Array.isArray(value) || value.length === 0 || depth > 8) return undefined;
  const parts = value.map((part) => flat(part, depth + 1));
  const [first] = parts;
  if (!first || parts.some((part) => part?.shape.join() !== first.shape.join())) return undefined;
  return {
    shape: [value.length, ...first.shape],
    values: parts.flatMap((part) => part!.values),
  };
}
