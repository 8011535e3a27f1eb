/** @file Convolutions by Winograd's method and their gradients against their definitions in double precision, on one thread and on several, and what they decline. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import { makePlan } from '../../compiler/plan/make-plan.js';
import { wasm } from '../../compiler/targets/wasm.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { runOnEngine } from '../support/engine-run.js';
import { interpret } from '../support/interpret.js';
import { randomFrom } from '../support/random-graph.js';

const engine = await openEngine('wasm', { threads: 2 });

interface Case {
  readonly batch: number;
  readonly image: readonly [height: number, width: number];
  readonly kernel: readonly [height: number, width: number, channels: number, filters: number];
  readonly pad: readonly [number, number, number, number];
  readonly stride?: number;
}

/** A convolution with both of its gradients. */
function graphOf({
  image: [height, width],
  kernel,
  pad,
  stride = 1,
}: Case): ReturnType<GraphBuilder['build']> {
  const builder = new GraphBuilder();
  const origin = { from: 'test' };
  const window = { stride: [stride, stride], dilation: [1, 1], pad };
  const [kh, kw, channels, filters] = kernel;
  const rows = Math.floor((height + pad[0] + pad[1] - kh) / stride) + 1;
  const columns = Math.floor((width + pad[2] + pad[3] - kw) / stride) + 1;
  const input = (name: string, shape: readonly (number | 'batch')[]): number =>
    builder.emit('input', [], { name, shape }, origin);
  const x = input('x', ['batch', height, width, channels]);
  const dy = input('dy', ['batch', rows, columns, filters]);
  const k = builder.emit('parameter', [], { path: 'k', shape: kernel }, origin);
  const y = builder.emit('conv2d', [x, k], window, origin);
  const image = ['batch', height, width, channels] as const;
  const dx = builder.emit('conv2d_grad_input', [dy, k], { ...window, shape: image }, origin);
  const dk = builder.emit('conv2d_grad_kernel', [x, dy], { ...window, shape: kernel }, origin);
  return builder.build(
    Object.entries({ y, dx, dk }).map(([name, value]) => ({ role: 'value', name, value })),
  );
}

function operands(test: Case): Map<string, Float32Array> {
  const random = randomFrom(7);
  const graph = graphOf(test);
  return new Map(
    graph.nodes.flatMap(({ attrs, outputs }) => {
      const name = (attrs['name'] ?? attrs['path']) as string | undefined;
      if (name === undefined) return [];
      const size = graph.values[outputs[0]!]!.shape.reduce<number>(
        (n, d) => n * (d === 'batch' ? test.batch : d),
        1,
      );
      return [[name, Float32Array.from({ length: size }, () => random() - 0.5)] as const];
    }),
  );
}

const CASES: readonly Case[] = [
  { batch: 1, image: [4, 4], kernel: [3, 3, 8, 8], pad: [1, 1, 1, 1] },
  { batch: 1, image: [1, 1], kernel: [3, 3, 8, 16], pad: [1, 1, 1, 1] },
  { batch: 5, image: [7, 6], kernel: [3, 3, 16, 8], pad: [1, 1, 1, 1] },
  { batch: 3, image: [9, 11], kernel: [3, 3, 8, 24], pad: [0, 0, 0, 0] },
  { batch: 33, image: [5, 3], kernel: [3, 3, 24, 8], pad: [1, 0, 0, 1] },
  { batch: 2, image: [14, 12], kernel: [3, 3, 16, 16], pad: [2, 2, 2, 2] },
  { batch: 3, image: [50, 49], kernel: [3, 3, 8, 8], pad: [1, 1, 1, 1] },
];

/** Runs the case and holds every result against its definition. */
function compare(each: Case): void {
  const graph = graphOf(each);
  const values = operands(each);
  const expected = interpret(graph, values, each.batch);
  const { outputs } = runOnEngine(engine, graph, { batch: each.batch, values, scalars: {} });
  for (const { name, value } of graph.outputs) {
    const [found, right] = [outputs.get(`value:${name}`)!, expected[value]!];
    const norm = (f: (i: number) => number): number => Math.hypot(...right.map((_, i) => f(i)));
    const error = norm((i) => found[i]! - right[i]!) / norm((i) => right[i]!);
    assert.ok(error < 5e-6, `${name}: error ${error}`);
  }
}

for (const each of CASES) {
  test(`batch ${each.batch}, image ${each.image.join('×')}, kernel ${each.kernel.join('×')}, padding ${each.pad.join(' ')}`, () => {
    const { instructions } = makePlan(graphOf(each), wasm);
    const kernels = instructions.map(({ kernel }) => kernel);
    assert.ok(kernels.includes('ed2l.conv2d') && kernels.includes('ed2l.conv2d_grad_kernel'));
    assert.not.ok(kernels.includes('Conv2D'));
    compare(each);
  });
}

test('addresses beyond 2 GiB are addresses too', () => {
  const below = Array.from({ length: 22 }, () => engine.allocate([25, 1024, 1024], 'f32'));
  compare(CASES[2]!);
  for (const tensor of below) engine.free(tensor);
});

test('what has another stride, size or number of channels goes another way', () => {
  const one = CASES[0]!;
  for (const other of [
    { ...one, stride: 2 },
    { ...one, kernel: [3, 3, 4, 8] },
    { ...one, kernel: [3, 3, 8, 12] },
    { ...one, kernel: [1, 3, 8, 8] },
    { ...one, kernel: [3, 3, 1024, 512] },
  ] as const) {
    const { instructions } = makePlan(graphOf(other), wasm);
    assert.not.ok(instructions.some(({ kernel }) => kernel === 'ed2l.conv2d'));
  }
});

test('a number that is not finite reaches every result that it is part of', () => {
  const each = CASES[2]!;
  const graph = graphOf(each);
  for (const name of ['x', 'k', 'dy']) {
    const values = operands(each);
    values.get(name)![100] = NaN;
    const expected = interpret(graph, values, each.batch);
    const { outputs } = runOnEngine(engine, graph, { batch: each.batch, values, scalars: {} });
    for (const output of graph.outputs) {
      const found = outputs.get(`value:${output.name}`)!;
      expected[output.value]!.forEach((right, i) => {
        if (Number.isNaN(right)) assert.ok(Number.isNaN(found[i]), `${output.name} of ${name}`);
      });
    }
  }
});

test.run();
