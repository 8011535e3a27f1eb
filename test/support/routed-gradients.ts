/** @file Numbers for random routed graphs, and how far differentiated gradients are from the reference. */
import { sizeOf, type Shape } from '../../compiler/graph/graph.js';
import type { Differentiated } from '../../compiler/routing/differentiate.js';
import * as C from '../../compiler/scalar/coefficient.js';
import { interpret } from './interpret.js';
import { randomFrom, referenceGradients, type RandomCase } from './random-graph.js';

export function randomFeeds(c: RandomCase, seed: number): Map<string, Float64Array> {
  const random = randomFrom(seed + 99);
  const fed = c.graph.nodes.flatMap(({ op, attrs }) =>
    op === 'parameter' || op === 'input'
      ? [[(attrs['path'] ?? attrs['name']) as string, sizeOf(attrs['shape'] as Shape, c.batch)] as const]
      : [],
  );
  return new Map(
    fed.map(([name, length]) => [name, Float64Array.from({ length }, () => random() * 1.6 - 0.8)]),
  );
}

/** The run-time scalars of the case, and those that stand for sums of coefficients. */
export function scalarsOf(c: RandomCase, result: Differentiated): Record<string, number> {
  const sums = [...result.terms.sums].map(
    ([name, parts]) => [name, parts.reduce((sum, part) => sum + C.evaluate(part, c.scalars), 0)] as const,
  );
  return { ...c.scalars, ...Object.fromEntries(sums) };
}

/** Worst error of the routed gradients against the reference, relative to the larger of 1 and the reference. */
export function worstError(
  c: RandomCase,
  result: Differentiated,
  feeds: ReadonlyMap<string, Float64Array>,
): number {
  const reference = referenceGradients(c, feeds);
  const values = interpret(result.graph, feeds, c.batch, scalarsOf(c, result));
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
