/** @file Where adjoints enter a masked group: the exits of its applications, at which the mask of a route acts (docs/language.md, "Masks"). */
import type { Node, Type } from '../graph/graph.js';
import type { Carrier } from './carrier.js';
import type { Mask, Terms } from './terms.js';

/**
 * Whether the edge from `reader` to what `node` computes leaves an application of the node's group.
 * What a group computes from its parameters alone has no samples, and is read inside all of its applications.
 */
export function isExit(node: Node, reader: Node, type: Type): boolean {
  if (node.group === undefined) return false;
  if (reader.group !== node.group) return true;
  return type.shape[0] === 'batch' && reader.application !== node.application;
}

/** A part of a carrier beyond an exit: plain terms, which become the wanted ones under `mask`. */
export interface Unmasked {
  readonly mask: Mask | undefined;
  readonly carrier: Carrier;
}

/** What `carrier`, inside a group, needs at an exit from below: one plain carrier per mask. */
export function unmasked(carrier: Carrier, { plain, masked }: Terms): Unmasked[] {
  const parts = new Map<Mask | undefined, Carrier[number][]>();
  carrier.forEach((by, t) => {
    if (!by) return;
    const { row, mask } = t < plain ? { row: t, mask: undefined } : masked[t - plain]!;
    const known = [...parts.keys()].find((m) => m?.value === mask?.value);
    const key = known ?? mask;
    if (!parts.has(key))
      parts.set(
        key,
        carrier.map(() => null),
      );
    parts.get(key)![row] = by;
  });
  return [...parts].map(([mask, part]) => ({ mask, carrier: part }));
}
