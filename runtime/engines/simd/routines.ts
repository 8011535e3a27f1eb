/**
 * @file The inner loops of convolutions by Winograd's method F(4×4, 3×3) (Lavin and Gray 2016) for WebAssembly: small matrices from both
 * sides of a tile, and products of what comes out, in blocks of four by eight that the registers hold.
 */
import * as W from './assembler.js';
import type { Code, Routine, Variable } from './assembler.js';
import { CHANNEL_ROUTINES } from './channels.js';

/** The matrices of the paper, for the points 0, ±1, ±2 and ∞. */
const INPUT = [
  [4, 0, -5, 0, 1, 0],
  [0, -4, -4, 1, 1, 0],
  [0, 4, -4, -1, 1, 0],
  [0, -2, -1, 2, 1, 0],
  [0, 2, -1, -2, 1, 0],
  [0, 4, 0, -5, 0, 1],
];
const KERNEL = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
];
const OUTPUT = [
  [1, 1, 1, 1, 1, 0],
  [0, 1, -1, 2, -2, 0],
  [0, 1, 1, 4, 4, 0],
  [0, 1, -1, 8, -8, 1],
];

const transposed = (matrix: readonly (readonly number[])[]): number[][] =>
  matrix[0]!.map((_, j) => matrix.map((row) => row[j]!));

/** Σ coefficient × value */
function combination(coefficients: readonly number[], values: readonly Code[]): Code {
  const used = values.flatMap((value, i) =>
    coefficients[i] === 0 ? [] : [[coefficients[i]!, value] as const],
  );
  // A term to be added comes first, if there is one.
  used.sort(([a], [b]) => Number(b > 0) - Number(a > 0));
  return used.reduce<Code>((sum, [by, value], i) => {
    const size = i === 0 ? by : Math.abs(by);
    const term = size === 1 ? value : W.multiply(value, W.fourTimes(size));
    if (i === 0) return term;
    return by > 0 ? W.add(sum, term) : W.subtract(sum, term);
  }, []);
}

/** M X Mᵀ of every four channels of one tile. Addresses of X and of the result go by row, by column and by four channels. */
const sandwich = (matrix: readonly (readonly number[])[]): Routine => ({
  parameters: 9,
  write: (
    [from, fromRow, fromColumn, fromGroup, to, toRow, toColumn, toGroup, groups],
    integerVariable,
    vectorVariable,
  ) => {
    const side = matrix[0]!.length;
    const variables = <T>(n: number, make: () => T): T[] => Array.from({ length: n }, make);
    const place = integerVariable();
    const rowPlace = integerVariable();
    const column = variables(side, vectorVariable);
    const half = matrix.map(() => variables(side, vectorVariable));
    const walk = (start: Variable, step: Variable): Code[] => [
      W.set(rowPlace, W.get(start)),
      W.advance(start, W.get(step)),
    ];
    const statements: Code[] = [W.set(place, W.get(from!))];
    for (let j = 0; j < side; j++) {
      statements.push(...walk(place, fromColumn!));
      for (let i = 0; i < side; i++)
        statements.push(W.set(column[i]!, W.load(W.get(rowPlace))), W.advance(rowPlace, W.get(fromRow!)));
      matrix.forEach((row, i) => statements.push(W.set(half[i]![j]!, combination(row, column.map(W.get)))));
    }
    statements.push(W.set(place, W.get(to!)));
    for (const row of half) {
      statements.push(...walk(place, toRow!));
      for (const coefficients of matrix)
        statements.push(
          W.store(W.get(rowPlace), combination(coefficients, row.map(W.get))),
          W.advance(rowPlace, W.get(toColumn!)),
        );
    }
    return [
      W.repeat(groups!, [
        ...statements,
        W.advance(from!, W.get(fromGroup!)),
        W.advance(to!, W.get(toGroup!)),
      ]),
    ];
  },
});

/** Rows and columns of the block of a product that is computed at once. */
const ROWS = 4;

/**
 * C = A B or C += A B, block by block: for each of `columns` eight columns, for each of `rows` four rows, over `depth` times four terms.
 * `a`: where the factor of row r and term k lies in the 64 bytes of four terms; `b`: likewise for columns 0 to 3 or 4 to 7 and term k;
 * `c`: for row r.
 */
const product = (layout: {
  readonly a: (r: number, k: number) => number;
  readonly b: (half: number, k: number) => number;
  readonly c: (half: number, r: number) => number;
  readonly accumulate: boolean;
}): Routine => ({
  parameters: 12,
  write: (
    [a, aRow, aDepth, b, bColumn, bDepth, c, cRow, cColumn, rows, columns, depth],
    integerVariable,
    vectorVariable,
  ) => {
    const [row, term, aPlace, aAt, bAt, cAt] = Array.from({ length: 6 }, integerVariable) as [
      Variable,
      Variable,
      Variable,
      Variable,
      Variable,
      Variable,
    ];
    const sums = Array.from({ length: ROWS }, () => [vectorVariable(), vectorVariable()]);
    const factor = vectorVariable();
    const right = [vectorVariable(), vectorVariable()];
    const each = (use: (sum: Variable, half: number, r: number) => Code): Code[] =>
      sums.flatMap((pair, r) => pair.map((sum, half) => use(sum, half, r)));
    const terms = [0, 1, 2, 3].flatMap((k) => [
      ...right.map((value, half) => W.set(value, W.load(W.get(bAt), layout.b(half, k)))),
      ...sums.flatMap((pair, r) => [
        W.set(factor, W.spread(W.get(aAt), layout.a(r, k))),
        ...pair.map((sum, half) =>
          W.set(sum, W.add(W.get(sum), W.multiply(W.get(factor), W.get(right[half]!)))),
        ),
      ]),
    ]);
    const block: Code[] = [
      W.set(aAt, W.get(aPlace)),
      W.set(bAt, W.get(b!)),
      ...each((sum, half, r) =>
        W.set(sum, layout.accumulate ? W.load(W.get(cAt), layout.c(half, r)) : W.fourTimes(0)),
      ),
      W.set(term, W.get(depth!)),
      W.repeat(term, [...terms, W.advance(aAt, W.get(aDepth!)), W.advance(bAt, W.get(bDepth!))]),
      ...each((sum, half, r) => W.store(W.get(cAt), W.get(sum), layout.c(half, r))),
      W.advance(aPlace, W.get(aRow!)),
      W.advance(cAt, W.get(cRow!)),
    ];
    return [
      W.repeat(columns!, [
        W.set(aPlace, W.get(a!)),
        W.set(cAt, W.get(c!)),
        W.set(row, W.get(rows!)),
        W.repeat(row, block),
        W.advance(b!, W.get(bColumn!)),
        W.advance(c!, W.get(cColumn!)),
      ]),
    ];
  },
});

/** Copies `rows` rows of `bytes` bytes. */
const copyRows: Routine = {
  parameters: 6,
  write: ([to, toRow, from, fromRow, bytes, rows]) => [
    W.repeat(rows!, [
      W.copyBytes(W.get(to!), W.get(from!), W.get(bytes!)),
      W.advance(to!, W.get(toRow!)),
      W.advance(from!, W.get(fromRow!)),
    ]),
  ],
};

const zero: Routine = {
  parameters: 2,
  write: ([to, bytes]) => [W.zeroBytes(W.get(to!), W.get(bytes!))],
};

/** Adds `groups` times four numbers to others. */
const addTo: Routine = {
  parameters: 3,
  write: ([to, from, groups]) => [
    W.repeat(groups!, [
      W.store(W.get(to!), W.add(W.load(W.get(to!)), W.load(W.get(from!)))),
      W.advance(to!, W.integer(16)),
      W.advance(from!, W.integer(16)),
    ]),
  ],
};

export const ROUTINES = {
  transformInput: sandwich(INPUT),
  transformKernel: sandwich(KERNEL),
  transformOutput: sandwich(OUTPUT),
  transformOutputGradient: sandwich(transposed(OUTPUT)),
  transformKernelGradient: sandwich(transposed(KERNEL)),
  /** [tiles, channels] × [channels, filters] → [tiles, filters] */
  multiplyTiles: product({
    a: (r, k) => 16 * r + 4 * k,
    b: (half, k) => 32 * k + 16 * half,
    c: (half, r) => 64 * half + 16 * r,
    accumulate: false,
  }),
  /** [tiles, channels]ᵀ × [tiles, filters], added to [channels, filters] */
  multiplyOverTiles: product({
    a: (r, k) => 16 * k + 4 * r,
    b: (half, k) => 64 * half + 16 * k,
    c: (half, r) => 32 * r + 16 * half,
    accumulate: true,
  }),
  copyRows,
  zero,
  addTo,
  ...CHANNEL_ROUTINES,
};

export type Routines = Readonly<Record<keyof typeof ROUTINES, (...args: number[]) => void>>;
