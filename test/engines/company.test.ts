/**
 * @file Operations in company: an engine may keep a tensor in a layout of its own between two of them, and whatever reads it must not notice.
 * Held against the definitions in double precision, in widths that fill no block of channels and in some that do.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import type { Attrs, Graph, Shape, ValueId } from '../../compiler/graph/graph.js';
import { distance, runOnEngine } from '../support/engine-run.js';
import { openEngines } from '../support/engines.js';
import { interpret } from '../support/interpret.js';
import { randomFrom } from '../support/random-graph.js';
import { randomSample, stepsOf, tinyModel, type Sample } from '../support/zoo.js';

const engines = await openEngines();
const TOLERANCE = 1e-5;
/** Of a network of twenty layers, each normalised by a batch of 7. */
const DEEP_TOLERANCE = 1e-4;
const [HEIGHT, WIDTH] = [5, 6];

/** Every output but what updates make. */
function compare(graph: Graph, sample: Sample, tolerance = TOLERANCE): void {
  const nodes = graph.nodes.filter(({ op }) => op !== 'slot' && !op.endsWith('_update'));
  const expected = interpret({ ...graph, nodes }, sample.values, sample.batch, sample.scalars);
  for (const engine of engines) {
    const { outputs } = runOnEngine(engine, graph, sample);
    for (const { role, name, value } of graph.outputs) {
      const found = outputs.get(`${role}:${name}`);
      if (!found) continue;
      const error = distance(found, expected[value]!);
      assert.ok(error < tolerance, `${engine.name}, batch ${sample.batch}, ${role} ${name}: error ${error}`);
    }
  }
}

const CONVOLUTION = { stride: [1, 1], pad: [1, 1, 1, 1], dilation: [1, 1] };

/** Everything that can read the result of a convolution, side by side, and convolutions that read it again. */
function readers(channels: number, filters: number): Graph {
  const builder = new GraphBuilder();
  const emit = (op: string, inputs: readonly ValueId[], attrs: Attrs = {}): ValueId =>
    builder.emit(op, inputs, attrs, { from: 'source' });
  const fed = (name: string, ...shape: Shape): ValueId => emit('input', [], { name, shape });
  const x = fed('x', 'batch', HEIGHT, WIDTH, channels);
  const y = emit('conv2d', [x, fed('kernel', 3, 3, channels, filters)], CONVOLUTION);
  const plain = fed('plain', 'batch', HEIGHT, WIDTH, filters);
  const perChannel = fed('c', filters);
  const again = fed('again', 3, 3, filters, filters);
  const flat = emit('reshape', [y], { shape: ['batch', HEIGHT * WIDTH * filters] });
  const added = emit('add', [y, plain]);
  const [normal] = builder.emitAll(
    'batch_norm_train',
    [y, perChannel, perChannel],
    { epsilon: 1e-5 },
    {
      from: 'source',
    },
  ) as [ValueId];
  const read: Record<string, ValueId> = {
    itself: y,
    'with a plain tensor': added,
    'a plain tensor with it': emit('sub', [plain, y]),
    'with itself': emit('mul', [y, y]),
    'with a channel': emit('mul', [y, perChannel]),
    'with an image of one channel': emit('maximum', [y, fed('one', 'batch', HEIGHT, WIDTH, 1)]),
    'an activation': emit('tanh', [y]),
    'a comparison': emit('select', [emit('greater', [y, plain]), y, plain]),
    'sums per channel': emit('sum', [y], { axes: [0, 1, 2], keep: false }),
    'sums per pixel': emit('sum', [y], { axes: [3], keep: true }),
    'the largest': emit('max', [y], { axes: [1, 2], keep: false }),
    flat,
    'a product': emit('matmul', [flat, fed('weights', HEIGHT * WIDTH * filters, 3)], {
      transposeA: false,
      transposeB: false,
    }),
    transposed: emit('transpose', [y], { perm: [3, 0, 2, 1] }),
    rows: emit('slice', [y], { axis: 1, from: 1, to: 4 }),
    channels: emit('slice', [y], { axis: 3, from: 1, to: filters }),
    'more channels': emit('concat', [y, plain], { axis: 3 }),
    padded: emit('pad', [y], { before: [0, 1, 0, 1], after: [0, 0, 2, 0] }),
    smaller: emit('resize', [y], { height: 3, width: 4, method: 'bilinear' }),
    pooled: emit('max_pool', [y], { size: [2, 2], stride: [2, 2], pad: [0, 0, 0, 0] }),
    averaged: emit('avg_pool', [y], { size: [3, 3], stride: [1, 1], pad: [1, 1, 1, 1] }),
    softmax: emit('softmax', [y]),
    prelu: emit('prelu', [y, perChannel]),
    'batch norm': normal,
    'batch norm, another convolution and a sum': emit('add', [
      emit('conv2d', [emit('prelu', [normal, perChannel]), again], CONVOLUTION),
      y,
    ]),
    'a convolution of what also was an operand': emit('conv2d', [added, again], CONVOLUTION),
    'a convolution per channel': emit('depthwise_conv2d', [y, fed('deep', 3, 3, filters, 1)], CONVOLUTION),
    'as an adjoint, of the input': emit('conv2d_grad_input', [y, again], {
      ...CONVOLUTION,
      shape: ['batch', HEIGHT, WIDTH, filters],
    }),
    'as an adjoint, of the kernel': emit('conv2d_grad_kernel', [plain, y], {
      ...CONVOLUTION,
      shape: [3, 3, filters, filters],
    }),
  };
  return builder.build(Object.entries(read).map(([name, value]) => ({ role: 'value', name, value })));
}

/** Normal numbers for every input, small enough that sums over a whole tensor keep their accuracy. */
function drawn(graph: Graph, batch: number, seed: number): Sample {
  const random = randomFrom(seed);
  const values = new Map<string, Float32Array>();
  for (const { op, attrs } of graph.nodes) {
    if (op !== 'input') continue;
    const size = (attrs['shape'] as Shape).reduce<number>((n, d) => n * (d === 'batch' ? batch : d), 1);
    values.set(
      attrs['name'] as string,
      Float32Array.from({ length: size }, () => 2 * random() - 1),
    );
  }
  return { batch, values, scalars: { batch } };
}

const WIDTHS = [
  [1, 7],
  [3, 17],
  [7, 16],
  [16, 8],
] as const;

for (const [channels, filters] of WIDTHS) {
  test(`what reads a convolution from ${channels} to ${filters} channels reads what it made`, () => {
    const graph = readers(channels, filters);
    for (const batch of [1, 33]) compare(graph, drawn(graph, batch, 1));
  });
}

for (const [file, name, filters] of [
  ['specs/ed2l.ed2l', 'ed2l', '7'],
  ['specs/ed2l.ed2l', 'ed2l', '8'],
  ['specs/quick.ed2l', 'quick_ed2l', '9'],
] as const) {
  test(`${name} with ${filters} filters: losses and gradients are those of the definitions`, () => {
    const model = tinyModel(file, name, { filters });
    const sample = randomSample(model, 7, 11);
    for (const { graph } of stepsOf(model).steps) compare(graph, sample, DEEP_TOLERANCE);
  });
}

test('no engine keeps a tensor', () => {
  for (const engine of engines) assert.is(engine.memory().tensors, 0);
});

test.run();
