/** @file What the onednn backend prepares for shapes that never come again goes, with its native memory; what lies in its layouts stays readable. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openCpu } from '../../runtime/engines/cpu.js';
import { Engine, type Tensor } from '../../runtime/engines/engine.js';
import { EngineError } from '../../runtime/engines/errors.js';
import { OneDnnBackend } from '../../runtime/engines/onednn/backend.js';
import type { Dnnl } from '../../runtime/engines/onednn/dnnl.js';
import { openOneDnn } from '../../runtime/engines/onednn/open.js';
import { Recent } from '../../runtime/engines/onednn/recent.js';
import { distance } from '../support/engine-run.js';
import { randomFrom } from '../support/random-graph.js';
import { skip } from '../support/skipped.js';

test('of what is kept, the least recently used goes, and at most two generations are kept', () => {
  const dropped: number[] = [];
  const recent = new Recent<{ n: number }>(3, ({ n }) => dropped.push(n));
  for (let n = 0; n < 100; n++) {
    recent.set(`${n}`, { n });
    assert.is(recent.get('0')?.n, 0, 'what is always used stays');
    assert.ok(recent.size <= 6);
    for (let last = Math.max(0, n - 1); last <= n; last++) assert.is(recent.get(`${last}`)?.n, last);
  }
  assert.is(new Set(dropped).size, dropped.length);
  assert.is(dropped.length + recent.size, 100);
  recent.clear();
  assert.equal(
    dropped.sort((a, b) => a - b),
    [...Array(100).keys()],
  );
});

/** An engine that keeps so few preparations. */
function openKeeping(generation: number): { engine: Engine; backend: OneDnnBackend } {
  const opened = openOneDnn({ threads: 2 });
  const backend = new OneDnnBackend((opened.backend as OneDnnBackend).dnnl, 2 ** 30, generation);
  const engine = new Engine({
    ...opened,
    backend,
    make: (shape) => backend.make(shape, backend.layouts.rows(shape)).info,
    view: ({ dataId }) => backend.dataOf(dataId).values as Float32Array,
    dispose: ({ dataId }) => void backend.disposeData(dataId, true),
    close: () => undefined,
  });
  return { engine, backend };
}

/** Objects of the library that are made and not destroyed. */
function countNative(dnnl: Dnnl): () => number {
  let alive = 0;
  const { primitive, destroy } = dnnl;
  Object.assign(dnnl, {
    primitive(descriptor: bigint) {
      alive++;
      return primitive.call(this, descriptor);
    },
    destroy(kind: 'primitive', pointer: bigint) {
      if (kind === 'primitive') alive--;
      destroy.call(this, kind, pointer);
    },
  });
  return () => alive;
}

let opened: ReturnType<typeof openKeeping> | undefined;
try {
  opened = openKeeping(4);
} catch (error) {
  if (!(error instanceof EngineError)) throw error;
  skip('the onednn engine', error.message);
}

if (opened) {
  const { engine, backend } = opened;
  const reference = new Engine(openCpu());
  const random = randomFrom(8);
  const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => random() - 0.5);

  /** Of an image of that height: the convolution as it lies, the scaled one, and the updated parameter. */
  function use(on: Engine, height: number, x: Float32Array, filter: Float32Array): Tensor[] {
    const shape = [1, height, 9, 16];
    const image = on.upload(x, shape);
    const kernel = on.upload(filter, [3, 3, 16, 16]);
    const convolved = on.run(
      'Conv2D',
      { x: image, filter: kernel },
      { strides: [1, 1], dilations: [1, 1], pad: 'same', dataFormat: 'NHWC' },
      { shape, dtype: 'f32' },
    );
    const [scaled] = on.runOperation('scale', [convolved], { by: 0.5 }, [{ shape, dtype: 'f32' }]);
    const size = 8192 + height;
    const parameter = on.upload(new Float32Array(size).fill(x[0]!), [size]);
    const [updated] = on.runOperation(
      'sgd_update',
      [parameter, parameter],
      { rate: 0.1, momentum: 0, nesterov: false, decay: 0, decoupled: false },
      [{ shape: [size], dtype: 'f32' }],
    );
    for (const tensor of [image, kernel, parameter]) on.free(tensor);
    return [convolved, scaled!, updated!];
  }

  test('shapes that never come again cost no memory, and nothing that was computed is lost with them', () => {
    const alive = countNative(backend.dnnl);
    const kept: (readonly [found: Tensor[], expected: Tensor[]])[] = [];
    const useNew = (height: number, keep: boolean): void => {
      const [x, filter] = [numbers(height * 9 * 16), numbers(9 * 16 * 16)];
      const found = use(engine, height, x, filter);
      if (keep) kept.push([found, use(reference, height, x, filter)]);
      else for (const tensor of found) engine.free(tensor);
      assert.ok(backend.preparations <= 8, `${backend.preparations} preparations`);
      assert.ok(alive() <= 8, `${alive()} native primitives`);
    };
    // The tallest first: scratch memory grows to what it needs.
    for (let height = 103; height >= 4; height--) useNew(height, height % 10 === 0);
    assert.ok(alive() > 0);
    // What made them is long closed.
    for (const [found, expected] of kept)
      found.forEach((tensor, i) => {
        const error = distance(engine.download(tensor), reference.download(expected[i]!));
        assert.ok(error < 1e-5, `[${tensor.shape.join()}], result ${i}: error ${error}`);
        engine.free(tensor);
      });
    const before = backend.arena.memory.used;
    for (let height = 4; height < 54; height++) useNew(height, false);
    const grown = backend.arena.memory.used - before;
    assert.ok(grown <= 8 * 64, `${grown} more bytes of the arena are in use after 50 shapes more`);
    backend.dispose();
    assert.is(alive(), 0);
  });
}

test.run();
