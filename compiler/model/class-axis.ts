/** @file Which parameters of a head have a column per class: what `remap` matches by class name. */
import type { GroupIR } from './ir.js';

/**
 * Paths of the parameters and statistics whose last axis counts the classes: the only kernel with so many columns, and what has one number per
 * column after it. Undefined if there is no such kernel, or more than one.
 */
export function classParameters(
  { parameters, statistics }: GroupIR,
  classes: number,
): readonly string[] | undefined {
  const counts = parameters.filter(({ shape }) => shape.at(-1) === classes);
  const [kernel, another] = counts.filter(({ shape }) => shape.length > 1);
  if (!kernel || another) return undefined;
  const columns = counts.slice(counts.indexOf(kernel));
  const pieces = new Set(columns.map(({ path }) => pieceOf(path)));
  const running = statistics.filter(({ path }) => pieces.has(pieceOf(path)));
  return [...columns, ...running].map(({ path }) => path);
}

const pieceOf = (path: string): string => path.slice(0, path.lastIndexOf('.'));
