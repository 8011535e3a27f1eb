/** @file The benchmark's own peers train as the compiled graph does, on a miniature of the paper's network and the reference engine. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { agreement, allowance, STEPS, type Computed } from '../../bench/agreement.js';
import { prunedGraphs, routedGraphs } from '../../bench/graphs.js';
import { kernelsOf, nameOf } from '../../bench/kernels.js';
import type { Participant } from '../../bench/participant.js';
import { compiledParticipant } from '../../bench/peers/compiled.js';
import { coreParticipant } from '../../bench/peers/tfjs/core.js';
import { layersParticipant } from '../../bench/peers/tfjs/layers.js';
import { makeProblem } from '../../bench/problem.js';
import { openEngine } from '../../runtime/index.js';

const MINIATURE = { height: 32, width: 48, filters: 2, middle: 1, last: 2, features: 6, rate: 1e-3 };

const engine = await openEngine('cpu');
const problem = makeProblem(4, MINIATURE);
const ours = compiledParticipant(engine, problem, routedGraphs(problem));

/** As the driver asks. */
function ask(participant: Participant): Computed {
  return {
    losses: Array.from({ length: STEPS }, () => participant.step()),
    gradients: participant.gradients(),
    predictions: [...participant.predictions()],
  };
}
const expected = ask(ours);

const PEERS: Readonly<Record<string, () => Participant | Promise<Participant>>> = {
  'a backward pass per loss': () => compiledParticipant(engine, problem, prunedGraphs(problem)),
  'tfjs core operations': () => coreParticipant(engine, problem),
  'tfjs layers': () => layersParticipant(engine, problem),
};

for (const [name, open] of Object.entries(PEERS)) {
  test(`${name}: losses, gradients and predictions are ours`, async () => {
    const agreed = agreement(ask(await open()), expected, allowance([]));
    assert.is(agreed.objection, undefined);
  });
}

test('the losses move, so that a peer that does not learn is found out', () => {
  const [first, last] = [expected.losses[0]!, expected.losses.at(-1)!];
  assert.ok(Math.abs(first.l_a - last.l_a) > 0.01 * first.l_a);
});

test('a backward pass per loss costs more', () => {
  const flops = (graphs: ReturnType<typeof routedGraphs>): number =>
    graphs.backward.nodes.filter(({ op }) => op.startsWith('conv2d_grad')).length;
  assert.ok(flops(prunedGraphs(problem)) > flops(routedGraphs(problem)));
});

test('every kind of kernel is found, and runs by itself', () => {
  const kernels = kernelsOf(routedGraphs(problem).training, problem.batch);
  assert.is(new Set(kernels.map(nameOf)).size, kernels.length);
  assert.is(new Set(kernels.map(({ kind }) => kind)).size, 7);
  for (const index of kernels.keys()) ours.kernel!(index);
});

test.run();
