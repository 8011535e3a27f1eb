/** @file Routed reverse mode on random graphs: equal to the sum of per-loss reverse modes, with its invariants, and with mutations that must fail. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Graph, Node } from '../../compiler/graph/graph.js';
import { differentiate, type Differentiated } from '../../compiler/routing/differentiate.js';
import { countVjps, planDemand } from '../../compiler/routing/demand.js';
import { termSets, verifyDifferentiated } from '../../compiler/routing/verify.js';
import { collectTerms } from '../../compiler/routing/terms.js';
import { interpret } from '../support/interpret.js';
import {
  randomCase,
  randomFrom,
  referenceGradients,
  type CoefficientStyle,
  type RandomCase,
} from '../support/random-graph.js';

const STYLES: CoefficientStyle[] = ['zero-one', 'real', 'sign', 'symbolic'];
const CASES = 250;

function feedsOf(c: RandomCase, seed: number): Map<string, Float64Array> {
  const random = randomFrom(seed + 99);
  const names = c.graph.nodes.flatMap((n) =>
    n.op === 'parameter' ? [n.attrs['path'] as string] : n.op === 'input' ? [n.attrs['name'] as string] : [],
  );
  return new Map(names.map((name) => [name, Float64Array.from({ length: 3 }, () => random() * 1.6 - 0.8)]));
}

/** Worst error of the routed gradients against the reference, relative to the larger of 1 and the reference. */
function worstError(c: RandomCase, result: Differentiated, feeds: Map<string, Float64Array>): number {
  const reference = referenceGradients(c, feeds);
  const sums = result.terms.sums;
  const scalars = { ...c.scalars };
  for (const [name, parts] of sums) {
    scalars[name] = parts.reduce(
      (s, p) =>
        s +
        (Number(p.factor.n) / Number(p.factor.d)) * p.powers.reduce((v, [n, e]) => v * c.scalars[n]! ** e, 1),
      0,
    );
  }
  const values = interpret(result.graph, feeds, 1, scalars);
  let worst = 0;
  for (const group of c.objective.groups) {
    for (const p of group.parameters) {
      const expected = reference.get(p) ?? new Float64Array(3);
      const id = result.gradients.get(p);
      const found = id === undefined ? new Float64Array(3) : values[id]!;
      expected.forEach(
        (x, i) => (worst = Math.max(worst, Math.abs(x - found[i]!) / Math.max(1, Math.abs(x)))),
      );
    }
  }
  return worst;
}

for (const style of STYLES) {
  test(`random graphs with ${style} coefficients equal the sum of per-loss gradients and keep every invariant`, () => {
    for (let seed = 0; seed < CASES; seed++) {
      const c = randomCase(seed, style);
      const result = differentiate(c.graph, c.objective);
      assert.equal(verifyDifferentiated(c.graph, result), [], `seed ${seed}`);
      const error = worstError(c, result, feedsOf(c, seed));
      assert.ok(error < 1e-10, `seed ${seed}: ${error}`);
    }
  });
}

test('the plan never applies more products than any plainer plan', () => {
  for (let seed = 0; seed < CASES; seed++) {
    const c = randomCase(seed, STYLES[seed % 4]!);
    const terms = collectTerms(c.graph, c.objective);
    const total = (strategy: 'least' | 'columns' | 'blocks' | 'terms'): number => {
      const counts = countVjps(c.graph, planDemand(c.graph, c.objective, terms, strategy));
      return counts.inputVjps + counts.weightVjps;
    };
    const chosen = differentiate(c.graph, c.objective);
    const counts = countVjps(c.graph, chosen.demand);
    const least = Math.min(total('columns'), total('blocks'), total('terms'));
    assert.ok(counts.inputVjps + counts.weightVjps <= least, `seed ${seed}`);
  }
});

test('a loss made NaN leaves every parameter it does not update finite', () => {
  for (let seed = 0; seed < CASES; seed++) {
    const c = randomCase(seed, STYLES[seed % 4]!);
    const result = differentiate(c.graph, c.objective);
    const feeds = feedsOf(c, seed);
    const sets = termSets(result.graph, result.terms.names);
    result.terms.names.forEach((term, t) => {
      const poisoned = poison(result.graph, term);
      const values = interpret(poisoned, feeds, 1, {
        ...c.scalars,
        nan: NaN,
        ...Object.fromEntries([...result.terms.sums.keys()].map((n) => [n, 1])),
      });
      for (const group of c.objective.groups) {
        const wants = result.terms.wants.get(group.name)![t] !== null;
        for (const p of group.parameters) {
          const id = result.gradients.get(p);
          if (id === undefined) continue;
          const finite = values[id]!.every(Number.isFinite);
          if (!wants) assert.ok(finite, `seed ${seed}: ${group.name} was poisoned by ${term}`);
          else if (sets.get(id)! & (1n << BigInt(t)))
            assert.not.ok(finite, `seed ${seed}: the poison of ${term} must arrive at ${group.name}`);
        }
      }
    });
  }
});

/** Replaces the seed of one term by NaN (0/0). */
function poison(graph: Graph, term: string): Graph {
  const nodes = graph.nodes.map((node): Node =>
    node.op === 'seed' && node.attrs['term'] === term
      ? { ...node, op: 'scalar', attrs: { by: { factor: { n: 1n, d: 1n }, powers: [['nan', 1]] } } }
      : node,
  );
  return { ...graph, nodes };
}

test('mutations of the pass are caught by the verifier or by the comparison', () => {
  const caught = new Map<string, number>();
  for (let seed = 0; seed < CASES; seed++) {
    const c = randomCase(seed, 'real');
    const feeds = feedsOf(c, seed);
    const result = differentiate(c.graph, c.objective);
    for (const [name, mutate] of Object.entries(MUTATIONS)) {
      const mutated = mutate(result);
      if (!mutated) continue;
      const found =
        verifyDifferentiated(c.graph, mutated).length > 0 || !(worstError(c, mutated, feeds) < 1e-10);
      if (found) caught.set(name, (caught.get(name) ?? 0) + 1);
    }
  }
  for (const name of Object.keys(MUTATIONS))
    assert.ok((caught.get(name) ?? 0) > 0, `${name} was never caught`);
});

type Mutation = (result: Differentiated) => Differentiated | undefined;
const changeNodes = (
  result: Differentiated,
  change: (node: Node) => Node | undefined,
): Differentiated | undefined => {
  let done = false;
  const nodes = result.graph.nodes.map((node) => {
    const next = done ? undefined : change(node);
    if (next) done = true;
    return next ?? node;
  });
  return done ? { ...result, graph: { ...result.graph, nodes } } : undefined;
};

const MUTATIONS: Record<string, Mutation> = {
  'a weight dropped at a seed': (r) =>
    changeNodes(r, (n) => {
      const by = n.attrs['by'] as { factor: { n: bigint; d: bigint } } | undefined;
      if (n.op !== 'seed' || !by || (by.factor.n === 1n && by.factor.d === 1n)) return undefined;
      return { ...n, attrs: { ...n.attrs, by: { factor: { n: 1n, d: 1n }, powers: [] } } };
    }),
  'a contribution dropped at a join': (r) =>
    changeNodes(r, (n) =>
      n.op === 'add' && n.origin.from.startsWith('adjoint')
        ? { ...n, inputs: [n.inputs[0]!, n.inputs[0]!] }
        : undefined,
    ),
  'a restriction forgotten: another term seeded': (r) =>
    r.terms.names.length < 2
      ? undefined
      : changeNodes(r, (n) =>
          n.op === 'seed'
            ? { ...n, attrs: { ...n.attrs, term: r.terms.names.find((t) => t !== n.attrs['term'])! } }
            : undefined,
        ),
  'a coefficient dropped at a boundary': (r) =>
    changeNodes(r, (n) =>
      n.op === 'scale' && n.origin.carrier !== undefined
        ? { ...n, attrs: { by: { factor: { n: 1n, d: 1n }, powers: [] } } }
        : undefined,
    ),
  'a gradient where none is wanted': (r) => {
    const all = [...r.demand.parameterGroup.keys()];
    const absent = all.find((p) => !r.gradients.has(p));
    const [some] = r.gradients.values();
    return absent === undefined || some === undefined
      ? undefined
      : { ...r, gradients: new Map([...r.gradients, [absent, some]]) };
  },
  'a stop differentiated': (r) => {
    const index = r.graph.nodes.findIndex((n) => n.op === 'stop');
    return index < 0
      ? undefined
      : {
          ...r,
          demand: {
            ...r.demand,
            edges: new Map([...r.demand.edges, [`${index}:0`, [...r.demand.edges.values()][0] ?? []]]),
          },
        };
  },
};

test.run();
