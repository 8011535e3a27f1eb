/** @file Values of a model by name, and the outputs of pieces in the application that a value is: `f_t`, `f_t.down` (docs/language.md, "Parameters, taps"). */
import type { Node, ValueId } from '../graph/graph.js';
import type { ModelIR } from './ir.js';

export type Found =
  | { readonly kind: 'found'; readonly value: ValueId }
  /** `among`: the values there are. */
  | { readonly kind: 'unknown'; readonly name: string; readonly among: readonly string[] }
  /** The value is no application of a group. */
  | { readonly kind: 'no pieces'; readonly name: string }
  /** None of the pieces `among`, or several of them. */
  | { readonly kind: 'no piece' | 'several'; readonly path: string; readonly among: readonly string[] };

/** `text`: a declared value, maybe with the path of a piece behind a dot. */
export function findTap(model: Pick<ModelIR, 'values' | 'graph'>, text: string): Found {
  const [name, ...segments] = text.split('.') as [string, ...string[]];
  const declared = model.values.find((v) => v.name === name);
  if (!declared) return { kind: 'unknown', name, among: model.values.map((v) => v.name) };
  if (segments.length === 0) return { kind: 'found', value: declared.value };
  const { nodes } = model.graph;
  const producer = nodes.find((node) => node.outputs.includes(declared.value))!;
  if (producer.group === undefined) return { kind: 'no pieces', name };
  const own = nodes.filter((n) => n.group === producer.group && n.application === producer.application);
  const below = pathsBelow(producer.group, own);
  const path = segments.join('.');
  const found = below.filter((p) => p === path || p.endsWith(`.${path}`));
  if (found.length !== 1)
    return found.length === 0
      ? { kind: 'no piece', path, among: below }
      : { kind: 'several', path, among: found };
  return { kind: 'found', value: outputOf(`${producer.group}.${found[0]!}`, own, model, declared.value) };
}

/** Of all pieces, and of those around them, in the order in which they are computed. */
function pathsBelow(group: string, nodes: readonly Node[]): string[] {
  const paths = new Set<string>();
  for (const { piece } of nodes) {
    if (!piece?.startsWith(`${group}.`)) continue;
    const segments = piece.slice(group.length + 1).split('.');
    segments.forEach((_, i) => paths.add(segments.slice(0, i + 1).join('.')));
  }
  return [...paths];
}

/** What the rest reads of a piece; of several, the last. */
function outputOf(
  path: string,
  own: readonly Node[],
  { graph }: Pick<ModelIR, 'graph'>,
  whole: ValueId,
): ValueId {
  const inside = new Set(own.filter(({ piece }) => piece === path || piece?.startsWith(`${path}.`)));
  const read = new Set([whole, ...graph.outputs.map((o) => o.value)]);
  for (const node of graph.nodes) if (!inside.has(node)) for (const id of node.inputs) read.add(id);
  const exits = [...inside].flatMap((node) => node.outputs.filter((id) => read.has(id)));
  return exits.at(-1)!;
}
