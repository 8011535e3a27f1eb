/** @file What the rules of an export may use to write one operation, and how they refuse. */
import type { Attrs, DType, Node } from '../graph/graph.js';
import type { AttrValue } from './graph-def.js';

/** The graph holds something for which a GraphModel has no operation. */
export class ExportError extends Error {}

/** What an operation's writer may do. */
export interface Writer {
  readonly node: Node;
  readonly attrs: Attrs;
  /** Names of the operands. */
  readonly inputs: readonly string[];
  shape(input: number): readonly (number | 'batch')[];
  readonly outputShape: readonly (number | 'batch')[];
  number(attr: string): number;
  add(op: string, inputs: readonly string[], attr?: Readonly<Record<string, AttrValue>>): string;
  constant(values: readonly number[], shape: readonly number[], dtype?: DType): string;
  /** A shape as a tensor; the batch is read off the first input. */
  dynamicShape(shape: readonly (number | 'batch')[]): string;
}
