/** @file The carrier that each node of a differentiated graph holds, found from its `seed`, `mix` and sums alone. */
import type { Graph, ValueId } from '../graph/graph.js';
import * as C from '../scalar/coefficient.js';
import type { Coefficient } from '../scalar/coefficient.js';
import { support, type Carrier } from './carrier.js';
import { maskedName } from './terms.js';

export interface Held {
  /** Of every value that depends on a seed. */
  readonly carriers: ReadonlyMap<ValueId, Carrier>;
  /** Sums in which a term enters with two coefficients, and derivatives that mix carriers. */
  readonly problems: readonly string[];
}

/** Derivatives are linear in the adjoint, so what they compute holds the carrier of the adjoint they are given. */
export function heldCarriers(graph: Graph, termNames: readonly string[]): Held {
  const carriers = new Map<ValueId, Carrier>();
  const problems: string[] = [];
  graph.nodes.forEach((node, index) => {
    const where = `node ${index} (${node.op})`;
    const hold = (carrier: Carrier): void => node.outputs.forEach((id) => carriers.set(id, carrier));
    const by = node.attrs['by'] as Coefficient;
    if (node.op === 'seed') {
      const term = termNames.indexOf(node.attrs['term'] as string);
      if (term < 0)
        problems.push(`${where} starts the term ${String(node.attrs['term'])}, which does not exist`);
      return hold(termNames.map((_, t) => (t === term ? by : null)));
    }
    const operands = node.inputs.map((id) => carriers.get(id)).filter((c) => c !== undefined);
    if (operands.length === 0) return;
    const joined = operands.reduce(join);
    if (operands.some((c) => disagree(c, joined)))
      problems.push(`${where} adds a term with two coefficients, so that it would cancel in part`);
    else if (node.op !== 'add' && operands.some((c) => support(c) !== support(joined)))
      problems.push(`${where} mixes adjoints of different terms`);
    if (node.op === 'mask') return hold(underMask(joined, node.attrs['of'] as string, termNames));
    if (node.op !== 'mix') return hold(joined);
    if (by.powers.some(([, exponent]) => exponent < 0))
      problems.push(`${where} divides by a run-time scalar`);
    hold(joined.map((c) => c && C.multiply(c, by)));
  });
  return { carriers, problems };
}

/** Plain terms become those under the mask; what is masked already has no such name, and is lost. */
const underMask = (carrier: Carrier, mask: string, names: readonly string[]): Carrier =>
  names.map((name) => carrier[names.findIndex((plain) => maskedName(plain, mask) === name)] ?? null);

const join = (a: Carrier, b: Carrier): Carrier => a.map((c, t) => c ?? b[t]!);

const disagree = (part: Carrier, whole: Carrier): boolean =>
  part.some((c, t) => c !== null && !C.equal(c, whole[t]!));
