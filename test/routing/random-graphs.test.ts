/** @file Routed reverse mode on random graphs: equal to the sum of per-loss reverse modes and to difference quotients, with its invariants. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Graph, Node } from '../../compiler/graph/graph.js';
import { printGraph } from '../../compiler/graph/print.js';
import { countVjps, planDemand } from '../../compiler/routing/demand.js';
import { differentiate } from '../../compiler/routing/differentiate.js';
import { collectTerms } from '../../compiler/routing/terms.js';
import { termSets, verifyDifferentiated } from '../../compiler/routing/verify.js';
import * as C from '../../compiler/scalar/coefficient.js';
import { interpret } from '../support/interpret.js';
import { randomCase, randomFrom, type CoefficientStyle, type RandomCase } from '../support/random-graph.js';
import { randomFeeds, scalarsOf, worstError } from '../support/routed-gradients.js';

const STYLES: CoefficientStyle[] = ['zero-one', 'real', 'sign', 'symbolic', 'rank-deficient'];
const CASES = 200;

for (const style of STYLES) {
  test(`random graphs with ${style} coefficients equal the sum of per-loss gradients and keep every invariant`, () => {
    for (let seed = 0; seed < CASES; seed++) {
      const c = randomCase(seed, style);
      const result = differentiate(c.graph, c.objective);
      assert.equal(verifyDifferentiated(c.graph, result), [], `seed ${seed}`);
      const error = worstError(c, result, randomFeeds(c, seed));
      assert.ok(error < 1e-10, `seed ${seed}: ${error}`);
    }
  });
}

for (const style of STYLES) {
  test(`random graphs with masks and ${style} coefficients equal the definition and keep every invariant`, () => {
    let masks = 0;
    for (let seed = 0; seed < CASES / 2; seed++) {
      const c = randomCase(seed, style, true);
      const result = differentiate(c.graph, c.objective);
      assert.equal(verifyDifferentiated(c.graph, result), [], `seed ${seed}`);
      const feeds = randomFeeds(c, seed);
      if (seed % 3 === 0) feeds.set('w', Float64Array.of(0, -0.5));
      const error = worstError(c, result, feeds);
      assert.ok(error < 1e-10, `seed ${seed}: ${error}`);
      masks += result.mixes.masks;
    }
    assert.ok(masks > CASES / 2, `${masks} masks only`);
  });
}

test('the plan never applies more products than any plainer plan', () => {
  for (let seed = 0; seed < CASES; seed++) {
    const c = randomCase(seed, STYLES[seed % STYLES.length]!, seed % 2 === 1);
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

test('the same graph is differentiated to the same text every time', () => {
  for (let seed = 0; seed < 20; seed++) {
    const once = (): string => {
      const c = randomCase(seed, 'real');
      return printGraph(differentiate(c.graph, c.objective).graph);
    };
    assert.is(once(), once());
  }
});

test('without stops, gradients are the difference quotients of what each group wants', () => {
  let checked = 0;
  for (let seed = 0; checked < 40; seed++) {
    const c = randomCase(seed, STYLES[seed % STYLES.length]!);
    if (c.graph.nodes.some((n) => n.op === 'stop')) continue;
    checked++;
    const feeds = randomFeeds(c, seed);
    const result = differentiate(c.graph, c.objective);
    const values = interpret(result.graph, feeds, 1, scalarsOf(c, result));
    const random = randomFrom(seed);
    for (const group of c.objective.groups) {
      const direction = group.parameters.map(() => Float64Array.from({ length: 3 }, () => random() * 2 - 1));
      const along = (by: number): number =>
        wantedSum(c, group.name, moved(c, feeds, group.parameters, direction, by));
      const quotient = (along(1e-5) - along(-1e-5)) / 2e-5;
      let product = 0;
      group.parameters.forEach((p, i) => {
        const id = result.gradients.get(p);
        if (id !== undefined) values[id]!.forEach((g, k) => (product += g * direction[i]![k]!));
      });
      assert.ok(
        Math.abs(product - quotient) <= 1e-5 * Math.max(1, Math.abs(quotient)),
        `seed ${seed} ${group.name}`,
      );
    }
  }
});

/** The losses that update the group, weighted. */
function wantedSum(c: RandomCase, group: string, feeds: ReadonlyMap<string, ArrayLike<number>>): number {
  const values = interpret(c.graph, feeds, 1, c.scalars);
  return c.objective.losses.reduce((sum, loss) => {
    const by = loss.route.get(group);
    return by ? sum + C.evaluate(C.multiply(loss.weight, by), c.scalars) * values[loss.value]![0]! : sum;
  }, 0);
}

function moved(
  c: RandomCase,
  feeds: ReadonlyMap<string, Float64Array>,
  parameters: readonly number[],
  direction: readonly Float64Array[],
  by: number,
): Map<string, Float64Array> {
  const result = new Map(feeds);
  parameters.forEach((p, i) => {
    const path = c.graph.nodes.find((n) => n.outputs[0] === p)!.attrs['path'] as string;
    result.set(
      path,
      feeds.get(path)!.map((x, k) => x + by * direction[i]![k]!),
    );
  });
  return result;
}

test('a loss made NaN leaves every parameter it does not update finite', () => {
  for (let seed = 0; seed < CASES; seed++) {
    const c = randomCase(seed, STYLES[seed % STYLES.length]!);
    const result = differentiate(c.graph, c.objective);
    const feeds = randomFeeds(c, seed);
    const sets = termSets(result.graph, result.terms.names);
    result.terms.names.forEach((term, t) => {
      const values = interpret(poison(result.graph, term), feeds, 1, { ...scalarsOf(c, result), nan: NaN });
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

/** Replaces the seed of one term by NaN. */
function poison(graph: Graph, term: string): Graph {
  const nodes = graph.nodes.map((node): Node =>
    node.op === 'seed' && node.attrs['term'] === term
      ? { ...node, op: 'scalar', attrs: { by: C.named('nan') } }
      : node,
  );
  return { ...graph, nodes };
}

test.run();
