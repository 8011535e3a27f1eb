/** @file The wasm engine as a guest in Node: threads, exit, errors, the end of its heap, and memory that comes back. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine, openEngine } from '../../runtime/engines/engine.js';
import { EngineError } from '../../runtime/engines/errors.js';
import { initialise } from '../../runtime/parameters/initialise.js';
import { Trainer } from '../../runtime/training/trainer.js';
import { randomFrom } from '../support/random-graph.js';
import { at, batchOf, iterateAll, trainable, type Trainable } from '../support/training.js';

const listeners = (): number =>
  process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection');
const listenersBefore = listeners();
const engine = await openEngine('wasm', { threads: 2 });

/** Runs a module whose text may use `openEngine`; a run that does not end by itself is killed. */
function run(body: string): {
  readonly code: number | null;
  readonly stderr: string;
  readonly stdout: string;
} {
  const module = new URL('../../runtime/engines/engine.js', import.meta.url).href;
  const text = `import { Engine, openEngine } from ${JSON.stringify(module)};\n${body}`;
  const { status, stderr, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', text], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { code: status, stderr, stdout };
}

const MULTIPLY = `
  const engine = await openEngine('wasm', { threads: 2 });
  const a = engine.upload(new Float32Array(64 * 64).fill(1), [64, 64]);
  const b = engine.run('BatchMatMul', { a, b: a }, { transposeA: false, transposeB: false }, { shape: [64, 64], dtype: 'f32' });
  console.log(engine.view(b)[0]);`;

test('it has the two threads asked for, and leaves no handlers behind', () => {
  assert.is(engine.threads, 2);
  assert.is(listeners(), listenersBefore);
});

/** Processor time of each thread of this process so far, in ticks of the kernel. */
const ticks = (): Map<string, number> =>
  new Map(
    readdirSync('/proc/self/task').map((task) => {
      const fields = readFileSync(`/proc/self/task/${task}/stat`, 'utf8').split(') ')[1]!.split(' ');
      return [task, Number(fields[11])];
    }),
  );

if (existsSync('/proc/self/task')) {
  test('a second thread does its share of a product', () => {
    const size = 512;
    const a = engine.upload(new Float32Array(size * size).fill(1), [size, size]);
    const before = ticks();
    const busy = (): number[] =>
      [...ticks()].map(([task, t]) => t - (before.get(task) ?? 0)).sort((x, y) => y - x);
    const deadline = Date.now() + 10_000;
    while ((busy()[1] ?? 0) < 10 && Date.now() < deadline) {
      for (let i = 0; i < 10; i++)
        engine.free(
          engine.run(
            'BatchMatMul',
            { a, b: a },
            { transposeA: false, transposeB: false },
            {
              shape: [size, size],
              dtype: 'f32',
            },
          ),
        );
    }
    engine.free(a);
    assert.ok(busy()[1]! >= 10, `ticks by thread: ${busy().join(', ')}`);
  });
}

test('a process that used it ends by itself', () => {
  const { code, stdout, stderr } = run(MULTIPLY);
  assert.is(code, 0);
  assert.is(stdout, '64\n');
  assert.is(stderr, '');
});

for (const [title, statement] of [
  ['an exception', `throw new Error('mine');`],
  ['a rejection', `await Promise.reject(new Error('mine'));`],
  ['an exception later', `setTimeout(() => { throw new Error('mine'); });`],
]) {
  test(`${title} after loading ends the process with 1 and its own message, not the source of the engine`, () => {
    const { code, stderr } = run(`${MULTIPLY}\n${statement}`);
    assert.is(code, 1);
    assert.match(stderr, 'Error: mine');
    assert.ok(stderr.length < 1500, `${stderr.length} characters`);
  });
}

test('at the end of the heap there is one clear error, before anything is written', () => {
  const { code, stdout } = run(`
    const { backend } = await openEngine('wasm', { threads: 2 });
    for (const limit of [backend.limit, Infinity]) {
      const engine = new Engine({ ...backend, limit });
      const tensors = [];
      try {
        for (;;) tensors.push(engine.allocate([25, 1024, 1024], 'f32'));
      } catch (error) {
        const places = new Set(tensors.map((t) => engine.view(t).byteOffset));
        console.log(error.constructor.name, tensors.length, places.size, places.has(0), error.message);
      }
      for (const tensor of tensors) engine.free(tensor);
    }`);
  assert.is(code, 0);
  const [limited, full] = stdout
    .trim()
    .split('\n')
    .map((line) => /^(\w+) (\d+) (\d+) (\w+) (.*)$/.exec(line)!);
  for (const [, name, count, places, atZero, message] of [limited!, full!]) {
    assert.is(name, 'EngineError');
    assert.ok(Number(count) >= 37, `${count} tensors of 100 MiB`);
    assert.is(places, count);
    assert.is(atZero, 'false');
    assert.match(message!, /^the wasm engine is full: .* use a smaller batch, or another engine$/);
  }
});

/** Prelu on wide vectors: large tensors and little arithmetic. */
const wide = (width: number): Trainable =>
  trainable(`
    model m {
      input x : vector[${width}]
      group g = prelu() |> dense(2)
      loss l = mean(square(g(x)))
        updates g
      train { minimize l using adam(rate: 1e-3) batch 4 epochs 1 }
    }`);

test('a training that cannot fit is refused before its first kernel', () => {
  const small = new Engine({ ...engine.backend, limit: 20 * 2 ** 20 });
  const { model, stage } = wide(500_000);
  assert.throws(
    () => iterateAll(small, { model, stage }, [batchOf([[...new Float32Array(500_000)]])]),
    (error: Error) => error instanceof EngineError && /use a smaller batch/.test(error.message),
  );
});

test('over 200 steps neither tensors nor the heap grow', () => {
  const width = 40_000;
  const compiled = wide(width);
  const heap = (): number =>
    (engine.backend.backend as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm.HEAPU8.length;
  const trainer = new Trainer(engine, compiled.model, compiled.stage, initialise(compiled.model, 1), 1);
  const random = randomFrom(1);
  const batch = batchOf(Array.from({ length: 4 }, () => Array.from({ length: width }, () => random() - 0.5)));
  let steady = { tensors: 0, heap: 0 };
  for (let i = 0; i < 200; i++) {
    trainer.iterate(batch, at(i, 200));
    const now = { tensors: engine.memory().tensors, heap: heap() };
    if (i === 4) steady = now;
    if (i > 4) assert.equal(now, steady, `step ${i + 1}`);
  }
  trainer.close();
  assert.is(engine.memory().tensors, 0);
});

test('what is learned acts on the next forward: no packed copy of a weight outlives it', async () => {
  const cpu = await openEngine('cpu');
  const layers = [
    'flatten() |> dense(3) |> tanh() |> dense(1)',
    'conv(3, kernel: 3) |> tanh() |> conv(2, kernel: 1) |> flatten() |> dense(1)',
    'conv(2, kernel: 3, stride: 2) |> conv_transpose(2, kernel: 3, stride: 1) |> flatten() |> dense(1)',
  ];
  const random = randomFrom(5);
  const batch = batchOf(Array.from({ length: 3 }, () => Array.from({ length: 30 }, () => random() - 0.5)));
  for (const layer of layers) {
    const compiled = trainable(`
      model m {
        input x : image[6, 5, 1]
        group g = ${layer}
        loss l = mean(square(g(x) - 1))
          updates g
        train { minimize l using sgd(rate: 0.05) batch 3 epochs 1 }
      }`);
    const course = (e: Engine): number[] =>
      iterateAll(
        e,
        compiled,
        Array.from({ length: 6 }, () => batch),
      ).measured.map((m) => m['l']!);
    const [expected, found] = [course(cpu), course(engine)];
    expected.forEach((loss, i) => {
      assert.ok(
        Math.abs(found[i]! - loss) < 1e-4 * loss,
        `${layer}, step ${i + 1}: ${found[i]} is not ${loss}`,
      );
      if (i > 0) assert.ok(Math.abs(loss - expected[i - 1]!) > 1e-3 * loss, `${layer}: nothing is learned`);
    });
  }
});

test.run();
