/**
 * @file WebAssembly's binary form, as far as the kernels here need it: expressions and statements are their bytes, so that a program is put
 * together by calling functions (https://webassembly.github.io/spec/core/binary/).
 */
export type Code = readonly number[];

/** Memory that threads share. */
export interface Memory {
  readonly buffer: SharedArrayBuffer;
}

/** A compiled program. */
export type Module = WebAssembly.Module;

/** What is used of it; Node's types leave it to the browser's. */
const api = (
  globalThis as unknown as {
    WebAssembly: {
      Memory: new (pages: { initial: number; maximum: number; shared: boolean }) => Memory;
      Module: new (bytes: Uint8Array) => Module;
      Instance: new (module: Module, imports: object) => { readonly exports: unknown };
    };
  }
).WebAssembly;

/** A variable: a parameter of the function or a local. */
export interface Variable {
  readonly index: number;
}

const unsigned = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return bytes;
};

const signed = (value: number): number[] => {
  const low = value & 127;
  const rest = value >> 7;
  const last = rest === (low & 64 ? -1 : 0);
  return last ? [low] : [low | 128, ...signed(rest)];
};

const list = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()];
const sized = (bytes: Code): number[] => [...unsigned(bytes.length), ...bytes];
const section = (id: number, bytes: Code): number[] => [id, ...sized(bytes)];
const text = (name: string): number[] => sized([...Buffer.from(name)]);
const vector = (op: number): number[] => [0xfd, ...unsigned(op)];

const I32 = 0x7f;
const V128 = 0x7b;

export const get = ({ index }: Variable): Code => [0x20, ...unsigned(index)];
export const set = ({ index }: Variable, value: Code): Code => [...value, 0x21, ...unsigned(index)];
export const integer = (value: number): Code => [0x41, ...signed(value)];
export const plus = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const times = (a: Code, b: Code): Code => [...a, ...b, 0x6c];
export const advance = (variable: Variable, by: Code): Code => set(variable, plus(get(variable), by));

/** Four floats, and the same float four times, from an address plus a fixed offset. */
export const load = (address: Code, offset = 0): Code => [...address, ...vector(0), 0, ...unsigned(offset)];
export const spread = (address: Code, offset = 0): Code => [...address, ...vector(9), 0, ...unsigned(offset)];
export const store = (address: Code, value: Code, offset = 0): Code => [
  ...address,
  ...value,
  ...vector(11),
  0,
  ...unsigned(offset),
];
export const fourTimes = (value: number): Code => [
  ...vector(12),
  ...Array.from({ length: 4 }, () => [...new Uint8Array(Float32Array.of(value).buffer)]).flat(),
];
const binary =
  (op: number) =>
  (a: Code, b: Code): Code => [...a, ...b, ...vector(op)];
export const add = binary(0xe4);
export const subtract = binary(0xe5);
export const multiply = binary(0xe6);
/** All bits set where a > b. */
export const isGreater = binary(0x44);
/** The bits of `a` where the mask has none. */
export const without = binary(0x4f);
/** The bits of `a` where the mask has some, of `b` elsewhere. */
export const choose = (a: Code, b: Code, mask: Code): Code => [...a, ...b, ...mask, ...vector(0x52)];
/** Two doubles, of the first or of the last two of four floats. */
export const doubles = (value: Code, half: 0 | 1): Code => [
  ...value,
  ...(half === 0 ? [] : [...value, ...vector(13), ...Array.from({ length: 16 }, (_, i) => (i + 8) % 16)]),
  ...vector(0x5f),
];
export const addDoubles = binary(0xf0);

/** Runs the body as often as the variable says, at least once; it counts down to 0. */
export const repeat = (count: Variable, body: readonly Code[]): Code => [
  0x03,
  0x40,
  ...body.flat(),
  ...plus(get(count), integer(-1)),
  0x22,
  ...unsigned(count.index),
  0x0d,
  0,
  0x0b,
];

export const copyBytes = (to: Code, from: Code, bytes: Code): Code => [
  ...to,
  ...from,
  ...bytes,
  0xfc,
  10,
  0,
  0,
];
export const zeroBytes = (to: Code, bytes: Code): Code => [...to, ...integer(0), ...bytes, 0xfc, 11, 0];

/** A function of `parameters` integers without a result. `write` gets them, and makers of further variables. */
export interface Routine {
  readonly parameters: number;
  readonly write: (
    parameters: readonly Variable[],
    integerVariable: () => Variable,
    vectorVariable: () => Variable,
  ) => readonly Code[];
}

function body({ parameters, write }: Routine): Code {
  const types: number[] = [];
  const make = (type: number) => (): Variable => ({ index: parameters + types.push(type) - 1 });
  const statements = write(
    Array.from({ length: parameters }, (_, index) => ({ index })),
    make(I32),
    make(V128),
  );
  return sized([...list(types.map((type) => [1, type])), ...statements.flat(), 0x0b]);
}

/** Pages of 64 KiB that a 32-bit address reaches. */
const MOST_PAGES = 65_536;

/** Memory that can grow to 4 GiB. */
export const makeMemory = (initial: number): Memory =>
  new api.Memory({ initial, maximum: MOST_PAGES, shared: true });

/** \0asm, version 1 */
const START = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** A program that exports the routines and works on a memory of `makeMemory`. */
export function assemble(routines: Readonly<Record<string, Routine>>): Module {
  const entries = Object.entries(routines);
  const type = ({ parameters }: Routine): Code => [
    0x60,
    ...list(Array.from({ length: parameters }, () => [I32])),
    0,
  ];
  const bytes = Uint8Array.from([
    ...START,
    ...section(1, list(entries.map(([, routine]) => type(routine)))),
    ...section(
      2,
      list([[...text('memory'), ...text('heap'), 2, 3, ...unsigned(0), ...unsigned(MOST_PAGES)]]),
    ),
    ...section(3, list(entries.map((_, i) => unsigned(i)))),
    ...section(7, list(entries.map(([name], i) => [...text(name), 0, ...unsigned(i)]))),
    ...section(10, list(entries.map(([, routine]) => body(routine)))),
  ]);
  return new api.Module(bytes);
}

/** The routines, to be called. */
export const instantiate = <T>(module: Module, heap: Memory): T =>
  new api.Instance(module, { memory: { heap } }).exports as T;
