/** @file The onednn engine where it opens: what its kernels do with large tensors alone, and what it does as a guest of the process and of its memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import { makePlan } from '../../compiler/plan/make-plan.js';
import { Executor } from '../../runtime/engines/executor.js';
import type { Attrs } from '../../runtime/engines/kernels/kernel.js';
import type { Engine } from '../../runtime/engines/engine.js';
import { EngineError } from '../../runtime/engines/errors.js';
import type { OneDnnBackend } from '../../runtime/engines/onednn/backend.js';
import { initialise } from '../../runtime/parameters/initialise.js';
import { Trainer } from '../../runtime/training/trainer.js';
import { distance } from '../support/engine-run.js';
import { openEngines } from '../support/engines.js';
import { randomFrom } from '../support/random-graph.js';
import { small } from '../support/small.js';
import { at, batchOf, trainable } from '../support/training.js';

const engines = await openEngines();
const [reference] = engines;
const engine = engines.find(({ name }) => name === 'onednn');

type Shape = readonly number[];
const sizeOf = (shape: Shape): number => shape.reduce((n, d) => n * d, 1);

/** `op` of these operands, on each of the two engines. */
function both(
  native: Engine,
  op: string,
  operands: readonly (readonly [shape: Shape, values: Float32Array])[],
  attrs: Attrs,
  shapes: readonly Shape[],
): (readonly [found: Float32Array, expected: Float32Array])[] {
  const results = [native, reference].map((on) => {
    const inputs = operands.map(([shape, values]) => on.upload(values, shape));
    const outputs = on.runOperation(
      op,
      inputs,
      attrs,
      shapes.map((shape) => ({ shape, dtype: 'f32' as const })),
    );
    const values = outputs.map((tensor) => on.download(tensor) as Float32Array);
    for (const tensor of [...inputs, ...outputs]) on.free(tensor);
    return values;
  });
  return results[0]!.map((found, i) => [found, results[1]![i]!] as const);
}

if (engine) {
  /** The least that the library updates; one more; one that no block of numbers divides; more than one piece, the last one of a single number. */
  const SIZES: readonly Shape[] = [[8192], [8193], [3, 3, 64, 17], [131_073]];
  const DECAYS = [
    { decay: 0, decoupled: false },
    { decay: 0.05, decoupled: false },
    { decay: 0.05, decoupled: true },
  ];
  const UPDATES: readonly (readonly [op: string, slots: readonly boolean[], attrs: Attrs])[] = [
    ...[1, 2, 1000].map(
      (count) =>
        [
          'adam_update',
          // The second moment is a mean of squares; here one that a step changes visibly.
          [false, true],
          { rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, count },
        ] as const,
    ),
    ['adam_update', [false, true], { rate: 0.1, beta1: 0, beta2: 0.99, epsilon: 1e-3, count: 2 }],
    ['adam_update', [false, true], { rate: 0.1, beta1: 0.5, beta2: 0, epsilon: 1e-3, count: 2 }],
    ['sgd_update', [], { rate: 0.1, momentum: 0, nesterov: false }],
    ['sgd_update', [false], { rate: 0.1, momentum: 0.9, nesterov: false }],
    ['sgd_update', [false], { rate: 0.1, momentum: 0.9, nesterov: true }],
    ['rmsprop_update', [true], { rate: 0.01, rho: 0.9, epsilon: 1e-7 }],
    ['rmsprop_update', [true], { rate: 0.01, rho: 0, epsilon: 1e-3 }],
  ];

  for (const [op, slots, attrs] of UPDATES) {
    test(`${op} of large parameters, ${JSON.stringify(attrs)}: each result is that of the plain loop`, () => {
      const random = randomFrom(7);
      for (const shape of SIZES)
        for (const decay of DECAYS) {
          const draw = (positive: boolean): readonly [Shape, Float32Array] => [
            shape,
            Float32Array.from({ length: sizeOf(shape) }, () =>
              positive ? 1e-3 * random() : 2 * random() - 1,
            ),
          ];
          const operands = [draw(false), draw(false), ...slots.map(draw)];
          const shapes = [shape, ...slots.map(() => shape)];
          both(engine, op, operands, { ...attrs, ...decay }, shapes).forEach(([found, expected], i) => {
            // What changes, not what stays: parameters are larger than steps.
            const [, before] = i === 0 ? operands[0]! : operands[i + 1]!;
            const change = (after: Float32Array): Float32Array => after.map((x, k) => x - before[k]!);
            const error = distance(change(found), change(expected));
            assert.ok(
              error < 1e-5,
              `[${shape.join()}], ${JSON.stringify(decay)}, result ${i}: error ${error}`,
            );
          });
        }
    });
  }

  test('updates of large parameters that never had a gradient, and of ones that decay takes away', () => {
    const shape = [8192];
    const [ones, zeros] = [new Float32Array(8192).fill(1), new Float32Array(8192)];
    const attrs = { rate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, count: 1, momentum: 0, rho: 0.9 };
    for (const [op, slots] of [
      ['adam_update', 2],
      ['sgd_update', 0],
      ['rmsprop_update', 1],
    ] as const)
      for (const [decay, left] of [
        [0, 1],
        [10, 0],
      ] as const) {
        const state = Array.from({ length: slots }, () => [shape, zeros] as const);
        const operands = [[shape, ones], [shape, zeros], ...state] as const;
        const shapes = [shape, ...state.map(() => shape)];
        const [[found] = []] = both(engine, op, operands, { ...attrs, decay, decoupled: true }, shapes);
        assert.ok(
          found!.every((x) => x === left),
          `${op}, decay ${decay}: ${found![0]}`,
        );
      }
  });

  const SUMMED: readonly (readonly [shape: Shape, axes: readonly number[]])[] = [
    [[20_000], [0]],
    [[16_411], [0]],
    [[5, 4001], [1]],
    [[5, 4001], [0]],
    [[4001, 5], [0]],
    [[4096, 5], [0]],
    [
      [7, 11, 13, 17],
      [0, 1, 2],
    ],
    [
      [7, 11, 13, 17],
      [1, 2],
    ],
    [[7, 11, 13, 17], [1]],
    [[8, 48, 1, 64], [1]],
    [
      [7, 11, 13, 17],
      [2, 3],
    ],
    [
      [7, 11, 13, 17],
      [0, 3],
    ],
    [
      [7, 11, 13, 17],
      [0, 1, 2, 3],
    ],
    [
      [3, 80, 80, 1],
      [0, 1, 2],
    ],
  ];

  test('a number for each channel, or for all, meets a convolution as that leaves it, and the padding of its blocks stays 0', () => {
    const random = randomFrom(3);
    const noise = (shape: Shape): Float32Array =>
      Float32Array.from({ length: sizeOf(shape) }, () => 0.5 + random());
    const window = { stride: [1, 1], pad: [0, 0, 0, 0], dilation: [1, 1] };
    for (const [filters, numbers] of [10, 16, 28].flatMap((n) => [[n, [n]] as const, [n, []] as const])) {
      const shapes = [[2, 9, 8, 5], [3, 3, 5, filters], numbers, [3, 3, filters, 4]] as const;
      const values = shapes.map(noise);
      for (const op of ['add', 'sub', 'mul', 'div'])
        for (const order of [
          [0, 1],
          [1, 0],
        ] as const) {
          const [found, expected] = [engine, reference].map((on) => {
            const builder = new GraphBuilder();
            const emit = (name: string, inputs: number[], attrs: Attrs = {}): number =>
              builder.emit(name, inputs, attrs as never, { from: 'test' });
            const [image, first, each, second] = shapes.map((shape, i) =>
              emit('parameter', [], { path: `p${i}`, shape }),
            ) as [number, number, number, number];
            const operands = [emit('conv2d', [image, first], window), each] as const;
            const met = emit(
              op,
              order.map((k) => operands[k]),
            );
            const result = emit('conv2d', [met, second], window);
            const plan = makePlan(builder.build([{ role: 'value', name: 'y', value: result }]), on.target);
            const numbers = shapes.map((shape, i) => [`p${i}`, { data: values[i]!, shape }] as const);
            const state = on.uploadAll(numbers);
            const y = new Executor(on, plan)
              .run({ batch: 1, feeds: new Map(), state, slots: new Map(), scalars: {} })
              .get('value:y')!;
            const data = on.download(y) as Float32Array;
            for (const tensor of [...state.values(), y]) on.free(tensor);
            return data;
          });
          assert.ok(
            distance(found!, expected!) < 1e-4,
            `${op} ${order.join()} of ${filters} channels and [${numbers.join()}]`,
          );
        }
    }
  });

  test('tfjs code gets its sums, means and scaled gradients of kernels from the layouts that convolutions leave', () => {
    const random = randomFrom(5);
    for (const channels of [16, 17]) {
      const [image, filter] = [
        [4, 33, 32, channels],
        [3, 3, channels, 2 * channels],
      ] as const;
      const values = [image, filter].map((shape) =>
        Float32Array.from({ length: sizeOf(shape) }, () => random() - 0.3),
      );
      const outputs = [engine, reference].map((on) => {
        const [x, w] = [on.upload(values[0]!, image), on.upload(values[1]!, filter)];
        const window = { strides: 1, dilations: 1, pad: 'same', dataFormat: 'NHWC' };
        const run = (
          kernel: string,
          inputs: Parameters<Engine['run']>[1],
          attrs: object,
          shape: Shape,
        ): ReturnType<Engine['run']> => on.run(kernel, inputs, attrs as Attrs, { shape, dtype: 'f32' });
        const y = run('Conv2D', { x, filter: w }, window, [4, 33, 32, 2 * channels]);
        const gradient = run(
          'Conv2DBackpropFilter',
          { x, dy: y },
          { ...window, filterShape: filter },
          filter,
        );
        const half = on.upload(Float32Array.of(0.5), []);
        const results = [
          run('Sum', { x: y }, { axis: [0, 1, 2], keepDims: false }, [2 * channels]),
          run('Mean', { x: y }, { axis: [0, 1, 2], keepDims: true }, [1, 1, 1, 2 * channels]),
          run('Mean', { x: y }, { axis: [3], keepDims: false }, [4, 33, 32]),
          run('Sum', { x: y }, {}, []),
          run('Multiply', { a: half, b: gradient }, {}, filter),
          run('RealDiv', { a: gradient, b: half }, {}, filter),
        ];
        const numbers = results.map((tensor) => on.download(tensor) as Float32Array);
        for (const tensor of [x, w, y, gradient, half, ...results]) on.free(tensor);
        return numbers;
      });
      outputs[0]!.forEach((found, i) => {
        const error = distance(found, outputs[1]![i]!);
        assert.ok(error < 1e-4, `result ${i} of ${channels} channels: error ${error}`);
      });
    }
  });

  test('a kernel is updated as its gradient lies, in blocks or row by row, and a number that is not finite is found there', () => {
    const random = randomFrom(6);
    const draw = (shape: Shape): Float32Array =>
      Float32Array.from({ length: sizeOf(shape) }, () => 2 * random() - 1);
    const attrs = {
      rate: 0.01,
      beta1: 0.9,
      beta2: 0.99,
      epsilon: 1e-3,
      count: 1,
      decay: 0.01,
      decoupled: false,
    };
    const window = { stride: [1, 1], dilation: [1, 1], pad: [1, 1, 1, 1] };
    // Blocks that are full, and blocks that are padded.
    for (const [channels, filters] of [
      [32, 64],
      [5, 190],
    ] as const)
      for (const broken of [undefined, NaN]) {
        const kernel = [3, 3, channels, filters];
        const [x, dy] = [draw([2, 9, 8, channels]), draw([2, 9, 8, filters])];
        const state = [draw(kernel), draw(kernel), draw(kernel).map(Math.abs)];
        if (broken !== undefined) dy[100] = broken;
        const outputs = [engine, reference].map((on) => {
          const [image, above] = [on.upload(x, [2, 9, 8, channels]), on.upload(dy, [2, 9, 8, filters])];
          const like = { shape: kernel, dtype: 'f32' } as const;
          const [gradient] = on.runOperation(
            'conv2d_grad_kernel',
            [image, above],
            { ...window, shape: kernel },
            [like],
          );
          const [parameter, ...slots] = state.map((values) => on.upload(values, kernel));
          const updated = on.runOperation('adam_update', [parameter!, gradient!, ...slots], attrs, [
            like,
            like,
            like,
          ]);
          const finite = updated.map((tensor) => on.isFinite(tensor));
          const numbers = updated.map((tensor) => on.download(tensor) as Float32Array);
          for (const tensor of [image, above, gradient!, parameter!, ...slots, ...updated]) on.free(tensor);
          return { finite, numbers };
        });
        assert.equal(outputs[0]!.finite, outputs[1]!.finite);
        assert.equal(outputs[0]!.finite, Array(3).fill(broken === undefined));
        if (broken === undefined)
          outputs[0]!.numbers.forEach((found, i) => {
            const error = distance(found, outputs[1]!.numbers[i]!);
            assert.ok(error < 1e-4, `${channels} channels, result ${i}: error ${error}`);
          });
      }
  });

  test('an image or a kernel that a convolution has put into blocks lies there alone', () => {
    const { arena } = engine.backend.backend as OneDnnBackend;
    const before = arena.memory.used;
    const [x, filter] = [
      engine.upload(new Float32Array(2 * 8 * 8 * 32).fill(1), [2, 8, 8, 32]),
      engine.upload(new Float32Array(9 * 32 * 32).fill(1), [3, 3, 32, 32]),
    ];
    const uploaded = arena.memory.used - before;
    const y = engine.run(
      'Conv2D',
      { x, filter },
      { strides: [1, 1], dilations: [1, 1], pad: 'same', dataFormat: 'NHWC' },
      { shape: [2, 8, 8, 32], dtype: 'f32' },
    );
    assert.is(arena.memory.used - before, uploaded + 4 * 2 * 8 * 8 * 32);
    assert.ok(engine.view(filter).every((value) => value === 1));
    for (const tensor of [x, filter, y]) engine.free(tensor);
    assert.is(arena.memory.used, before);
  });

  test('sums, greatest and least numbers of large tensors, over any axes', () => {
    const random = randomFrom(3);
    for (const [shape, axes] of SUMMED)
      for (const op of ['sum', 'max', 'min'])
        for (const keep of [false, true]) {
          const values = Float32Array.from({ length: sizeOf(shape) }, () => random() - 0.2);
          const reduced = shape.flatMap((d, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [d]));
          const [[found, expected] = []] = both(engine, op, [[shape, values]], { axes, keep }, [reduced]);
          const error = distance(found!, expected!);
          const most = op === 'sum' ? 1e-5 : 0;
          assert.ok(error <= most, `${op} of [${shape.join()}] over ${axes.join()}: error ${error}`);
        }
  });

  test('sums of each channel of a large image, row-major and as a convolution leaves it', () => {
    const random = randomFrom(4);
    const draw = (shape: Shape): Float32Array =>
      Float32Array.from({ length: sizeOf(shape) }, () => random() - 0.2);
    for (const channels of [1, 3, 8, 17]) {
      const shape = [5, 41, 83, channels];
      const filter = [1, 1, channels, channels];
      const [image, weights] = [draw(shape), draw(filter)];
      const sums = [engine, reference].map((on) => {
        const plain = on.upload(image, shape);
        const kernel = on.upload(weights, filter);
        const convolved = on.run(
          'Conv2D',
          { x: plain, filter: kernel },
          { strides: [1, 1], dilations: [1, 1], pad: 'valid', dataFormat: 'NHWC' },
          { shape, dtype: 'f32' },
        );
        const results = [plain, convolved].map((x) => {
          const [sum] = on.runOperation('sum_to', [x], { shape: [channels] }, [
            { shape: [channels], dtype: 'f32' },
          ]);
          const values = on.download(sum!);
          on.free(sum!);
          return values;
        });
        for (const tensor of [plain, kernel, convolved]) on.free(tensor);
        return results;
      });
      sums[0]!.forEach((found, i) => {
        const error = distance(found, sums[1]![i]!);
        assert.ok(error < 1e-5, `${channels} channels, ${i === 0 ? 'plain' : 'convolved'}: error ${error}`);
      });
    }
  });

  test('no sum, greatest or least number of a large tensor loses a NaN or an infinity', () => {
    for (const [shape, axes] of SUMMED)
      for (const op of ['sum', 'max', 'min'])
        for (const broken of [NaN, Infinity, -Infinity])
          for (const at of [0, sizeOf(shape) >> 1, sizeOf(shape) - 1]) {
            const values = new Float32Array(sizeOf(shape)).fill(-2);
            values[at] = broken;
            const reduced = shape.filter((_, axis) => !axes.includes(axis));
            const [[found, expected] = []] = both(engine, op, [[shape, values]], { axes, keep: false }, [
              reduced,
            ]);
            const where = found!.findIndex(
              (x, i) => !Object.is(x, expected![i]!) && !Number.isFinite(x + expected![i]!),
            );
            assert.is(
              where,
              -1,
              `${op} of [${shape.join()}] over ${axes.join()}, ${broken} at ${at}: ${found![where]}`,
            );
          }
  });

  test('a number that is not finite is found wherever it is; a sum that overflows does not make one', () => {
    for (const size of [1, 1000, 16_384, 20_011, 100_032]) {
      const tensor = (fill: number, at = 0, value = fill): boolean => {
        const values = new Float32Array(size).fill(fill);
        values[at] = value;
        const uploaded = engine.upload(values, [size]);
        const finite = engine.isFinite(uploaded);
        engine.free(uploaded);
        return finite;
      };
      assert.ok(tensor(1), `${size} ones`);
      assert.ok(tensor(3e38), `${size} numbers with a sum beyond the largest`);
      for (const value of [NaN, Infinity, -Infinity])
        for (const at of [0, size >> 1, size - 1])
          assert.not.ok(tensor(1, at, value), `${value} at ${at} of ${size}`);
      if (size > 1) {
        const both = new Float32Array(size);
        both.set([Infinity, -Infinity]);
        const uploaded = engine.upload(both, [size]);
        assert.not.ok(engine.isFinite(uploaded), `opposite infinities among ${size}`);
        engine.free(uploaded);
      }
    }
  });
}

if (engine)
  test('a convolution for which the library has only its slow reference is refused with its shapes, and leaves nothing', () => {
    const { dnnl } = engine.backend.backend as OneDnnBackend;
    const before = engine.memory().tensors;
    // No geometry is known that this library has nothing better for.
    Object.assign(dnnl, { implementationOf: () => 'ref:any' });
    const x = engine.upload(new Float32Array(5 * 7 * 6 * 3), [5, 7, 6, 3]);
    const filter = engine.upload(new Float32Array(5 * 4 * 3 * 2), [5, 4, 3, 2]);
    try {
      assert.throws(
        () =>
          engine.run(
            'Conv2D',
            { x, filter },
            { strides: [2, 1], dilations: [1, 1], pad: 'valid', dataFormat: 'NHWC' },
            { shape: [5, 2, 3, 2], dtype: 'f32' },
          ),
        (error: Error) =>
          error instanceof EngineError &&
          /only its slow reference implementation \(ref:any\) for a convolution of \[5, 7, 6, 3\] with \[5, 4, 3, 2\], stride 2 by 1; use --engine wasm/.test(
            error.message,
          ),
      );
    } finally {
      delete (dnnl as { implementationOf?: unknown }).implementationOf;
      for (const tensor of [x, filter]) engine.free(tensor);
    }
    assert.is(engine.memory().tensors, before);
  });

if (engine)
  test('200 steps take the memory of 50: tensors, arena, and prepared primitives', () => {
    const mini = trainable(
      small(
        `input x : image[8, 8, 16]
        group g = conv(16, kernel: 3) |> batch_norm() |> prelu() |> flatten() |> dense(24) |> relu() |> dense(3)
        train { minimize l using adam(1e-3) }`,
      ),
    );
    const random = randomFrom(2);
    const trainer = new Trainer(engine, mini.model, mini.stage, initialise(mini.model, 1), 1);
    const backend = engine.backend.backend as OneDnnBackend;
    const look = (): object => {
      const { used, taken } = backend.arena.memory;
      const { tensors, bytes } = engine.memory();
      return { tensors, bytes, kept: backend.numDataIds(), used, taken, prepared: backend.preparations };
    };
    let settled: object | undefined;
    for (let step = 1; step <= 200; step++) {
      const rows = Array.from({ length: 8 }, () => Array.from({ length: 8 * 8 * 16 }, () => random() - 0.5));
      trainer.iterate(
        batchOf(
          rows,
          rows.map((_, i) => i % 3),
        ),
        at(step - 1, 200),
      );
      if (step === 50) settled = look();
    }
    assert.equal(look(), settled);
    trainer.close();
  });

test('no engine keeps a tensor', () => {
  for (const opened of engines) assert.is(opened.memory().tensors, 0);
});

test.run();
