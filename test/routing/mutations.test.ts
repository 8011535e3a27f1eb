/** @file Seven ways to get routed reverse mode wrong. The verifier catches every one; comparing numbers does not catch all. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Graph, Node, ValueId } from '../../compiler/graph/graph.js';
import { support, type Carrier } from '../../compiler/routing/carrier.js';
import { differentiate, type Differentiated } from '../../compiler/routing/differentiate.js';
import { verifyDifferentiated } from '../../compiler/routing/verify.js';
import * as C from '../../compiler/scalar/coefficient.js';
import type { Coefficient } from '../../compiler/scalar/coefficient.js';
import { randomCase, type RandomCase } from '../support/random-graph.js';
import { randomFeeds, worstError } from '../support/routed-gradients.js';

const CASES = 250;
const STYLES = ['real', 'sign', 'symbolic', 'zero-one'] as const;

/** The wrong result, or undefined where the graph gives no opportunity. */
type Mutation = (result: Differentiated, c: RandomCase) => Differentiated | undefined;

function expectCaught(name: string, mutate: Mutation, numbersSee: 'mostly' | 'never', masked = false): void {
  test(`${name}: the verifier reports it every time, numbers show it ${numbersSee}`, () => {
    let applied = 0;
    let unequal = 0;
    for (let seed = 0; seed < CASES; seed++) {
      const c = randomCase(seed, STYLES[seed % STYLES.length]!, masked);
      const mutated = mutate(differentiate(c.graph, c.objective), c);
      if (!mutated) continue;
      applied++;
      assert.not.equal(verifyDifferentiated(c.graph, mutated), [], `seed ${seed}`);
      if (!(worstError(c, mutated, randomFeeds(c, seed)) < 1e-10)) unequal++;
    }
    assert.ok(applied >= 5, `it could be tried ${applied} times only`);
    if (numbersSee === 'never') assert.is(unequal, 0);
    else assert.ok(unequal > applied / 2, `${unequal} of ${applied}`);
  });
}

const isAtLeast = (a: Carrier, b: Carrier): boolean => (support(b) & ~support(a)) === 0n;

/** The first node that `change` replaces. */
function changeNode(
  result: Differentiated,
  change: (node: Node) => Node | undefined,
): Differentiated | undefined {
  const at = result.graph.nodes.findIndex((node) => change(node) !== undefined);
  if (at < 0) return undefined;
  const nodes = result.graph.nodes.map((node, i) => (i === at ? change(node)! : node));
  return { ...result, graph: { ...result.graph, nodes } };
}

expectCaught(
  'a stop differentiated',
  (_, c) => {
    const withStopsAs = (op: string, attrs: Node['attrs'], g: Graph): Graph => ({
      ...g,
      nodes: g.nodes.map((n, i) => (c.graph.nodes[i]?.op === 'stop' ? { ...n, op, attrs } : n)),
    });
    // A clip that never clips lets every gradient pass.
    const wrong = differentiate(withStopsAs('clip', { from: -1e9, to: 1e9 }, c.graph), c.objective);
    const crossed = c.graph.nodes.some((n, i) => n.op === 'stop' && wrong.demand.edges.has(`${i}:0`));
    return crossed ? { ...wrong, graph: withStopsAs('stop', {}, wrong.graph) } : undefined;
  },
  'mostly',
);

expectCaught(
  'a restriction forgotten at an edge',
  (result) => {
    // An edge takes the adjoint with more terms where its value holds two.
    for (const { of, carrier, value } of result.adjoints) {
      const more = result.adjoints.find(
        (other) => other.of === of && isAtLeast(other.carrier, carrier) && !isAtLeast(carrier, other.carrier),
      );
      const position = result.graph.nodes.findIndex((n) => more && n.outputs.includes(more.value));
      if (!more) continue;
      const mutated = changeNode(result, (n) =>
        result.graph.nodes.indexOf(n) > position && n.inputs.includes(value) && n.op !== 'add'
          ? { ...n, inputs: n.inputs.map((id) => (id === value ? more.value : id)) }
          : undefined,
      );
      if (mutated) return mutated;
    }
    return undefined;
  },
  'mostly',
);

expectCaught(
  'a coefficient dropped at a boundary',
  (result) => changeNode(result, (n) => (n.op === 'mix' ? { ...n, attrs: { by: C.ONE } } : undefined)),
  'mostly',
);

expectCaught(
  'masks forgotten at the exits',
  (result) => {
    const nodes = result.graph.nodes.map((n): Node =>
      n.op === 'mask' ? { ...n, op: 'mix', inputs: n.inputs.slice(0, 1), attrs: { by: C.ONE } } : n,
    );
    return result.mixes.masks === 0 ? undefined : { ...result, graph: { ...result.graph, nodes } };
  },
  'mostly',
  true,
);

expectCaught(
  'a weight dropped at a seed',
  (result) =>
    changeNode(result, (n) =>
      n.op === 'seed' && !C.isOne(n.attrs['by'] as Coefficient)
        ? { ...n, attrs: { ...n.attrs, by: C.ONE } }
        : undefined,
    ),
  'mostly',
);

expectCaught(
  'carriers chosen by rank, so that one is a difference of others',
  (result) => {
    // x2 becomes (x1 + x2) - x1: the same number but for rounding, and with the terms of x1.
    for (const first of result.adjoints) {
      const second = result.adjoints.find(
        (other) =>
          other.of === first.of &&
          other !== first &&
          (support(other.carrier) & support(first.carrier)) === 0n,
      );
      if (second) return asDifference(result, first.value, second.value);
    }
    return undefined;
  },
  'never',
);

expectCaught(
  'a zero column carried',
  (result) => {
    const absent = [...result.demand.parameterGroup.keys()].find((p) => !result.gradients.has(p));
    const [some] = result.gradients.values();
    if (absent === undefined || some === undefined) return undefined;
    const { graph } = result;
    const zero = graph.values.length;
    const node: Node = {
      op: 'mix',
      inputs: [some],
      outputs: [zero],
      attrs: { by: C.ZERO },
      origin: { from: 'test' },
    };
    return {
      ...result,
      graph: { ...graph, nodes: [...graph.nodes, node], values: [...graph.values, graph.values[some]!] },
      gradients: new Map([...result.gradients, [absent, zero]]),
    };
  },
  'never',
);

function asDifference(result: Differentiated, x1: ValueId, x2: ValueId): Differentiated {
  const { graph } = result;
  const after = Math.max(...[x1, x2].map((id) => graph.nodes.findIndex((n) => n.outputs.includes(id))));
  const type = graph.values[x1]!;
  const [total, difference] = [graph.values.length, graph.values.length + 1];
  const origin = { from: 'test' };
  const inserted: Node[] = [
    { op: 'add', inputs: [x1, x2], outputs: [total], attrs: {}, origin },
    { op: 'sub', inputs: [total, x1], outputs: [difference], attrs: {}, origin },
  ];
  const renamed = (id: ValueId): ValueId => (id === x2 ? difference : id);
  return {
    ...result,
    graph: {
      nodes: [
        ...graph.nodes.slice(0, after + 1),
        ...inserted,
        ...graph.nodes.slice(after + 1).map((n) => ({ ...n, inputs: n.inputs.map(renamed) })),
      ],
      values: [...graph.values, type, type],
      outputs: graph.outputs,
    },
    gradients: new Map([...result.gradients].map(([p, id]) => [p, renamed(id)])),
    adjoints: result.adjoints.map((a) => ({ ...a, value: renamed(a.value) })),
  };
}

test.run();
