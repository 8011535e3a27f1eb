/**
 * @file The tfjs `wasm` backend with threads in Node, by a loader of our own: tfjs itself switches threads off there.
 * Nothing in node_modules is changed.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { wasm } from '../../compiler/targets/wasm.js';
import { physicalCores } from './cores.js';
import type { Backend } from './engine.js';
import type { Data } from './kernels/kernel.js';
import { makeMemory, type Memory } from './simd/assembler.js';
import { operationsOn, type Operation } from './simd/operations.js';
import { Pool } from './simd/pool.js';

interface EmscriptenModule {
  _malloc(bytes: number): number;
  _free(at: number): void;
  cwrap(name: string, result: string | null, parameters: readonly string[]): (...args: number[]) => number;
  readonly PThread: {
    readonly pthreads: Record<string, { unref?: () => void } | undefined>;
    readonly runningWorkers?: { unref?: () => void }[];
    readonly unusedWorkers?: { unref?: () => void }[];
    terminateAllThreads(): void;
  };
  tfjs?: Record<string, unknown>;
}

type Factory = (options: {
  locateFile: (path: string) => string;
  mainScriptUrlOrBlob: string;
  wasmMemory: Memory;
}) => Promise<EmscriptenModule>;

/** As the module would make it. */
const INITIAL_PAGES = 256;

/** The heap of a 32-bit module, less what code, stacks and kernel workspaces take. */
const HEAP_LIMIT = 4 * 2 ** 30 - 256 * 2 ** 20;

/** One heap per process: a second engine shares it. */
let opened: Promise<Opened> | undefined;

interface Opened {
  readonly backend: BackendWasm;
  readonly module: EmscriptenModule;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly threads: number;
}

/** `threads` counts for the first call only. Throws what the loader throws. */
export async function openWasm(threads = physicalCores()): Promise<Backend> {
  opened ??= load(Math.max(1, Math.min(8, threads)));
  const { backend, module, operations, threads: running } = await opened;
  return {
    name: 'wasm',
    target: wasm,
    about: 'tfjs wasm 4.22',
    threads: running,
    backend,
    limit: HEAP_LIMIT,
    hasRoom: (bytes) => {
      const at = module._malloc(bytes);
      if (at !== 0) module._free(at);
      return at !== 0;
    },
    make: (shape, dtype) => backend.makeOutput(shape, dtype),
    operations,
    view: (tensor) => backend.typedArrayFromHeap(tensor) as Data,
    dispose: (tensor) => void backend.disposeData(tensor.dataId, true),
    close: () => undefined,
  };
}

async function load(threads: number): Promise<Opened> {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'wasm-out');
  const script = join(folder, 'tfjs-backend-wasm-threaded-simd.js');
  const worker = fileURLToPath(new URL('./pthread-worker.cjs', import.meta.url));
  const { BackendWasm: Backend } = require('@tensorflow/tfjs-backend-wasm') as {
    BackendWasm: new (module: unknown) => BackendWasm;
  };
  const heap = makeMemory(INITIAL_PAGES);
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.listeners(event as 'uncaughtException'));
  const module = await withCores(2 * threads, () =>
    (require(script) as Factory)({
      locateFile: (path) => (path.endsWith('.worker.js') ? worker : join(folder, path)),
      mainScriptUrlOrBlob: script,
      wasmMemory: heap,
    }),
  );
  // Emscripten's own handlers would answer any later error with a dump of its source.
  events.forEach((event, i) => {
    for (const listener of process.listeners(event as 'uncaughtException'))
      if (!before[i]!.includes(listener)) process.removeListener(event, listener);
  });
  module.tfjs = {
    init: module.cwrap('init', null, []),
    initWithThreadsCount: module.cwrap('init_with_threads_count', null, ['number']),
    getThreadsCount: module.cwrap('get_threads_count', 'number', []),
    registerTensor: module.cwrap('register_tensor', null, ['number', 'number', 'number']),
    disposeData: module.cwrap('dispose_data', null, ['number']),
    dispose: module.cwrap('dispose', null, []),
  };
  const { setThreadsCount } = require('@tensorflow/tfjs-backend-wasm') as {
    setThreadsCount: (n: number) => void;
  };
  setThreadsCount(threads);
  const backend = new Backend(module);
  for (const thread of [
    ...Object.values(module.PThread.pthreads),
    ...(module.PThread.runningWorkers ?? []),
    ...(module.PThread.unusedWorkers ?? []),
  ])
    thread?.unref?.();
  const pool = await Pool.start(heap, threads);
  const operations = operationsOn(pool, backend, {
    memory: heap,
    malloc: module._malloc,
    free: module._free,
  });
  return { backend, module, operations, threads: (module.tfjs['getThreadsCount'] as () => number)() };
}

/** The module takes half of the cores it sees, so it is shown twice as many as threads are wanted. */
async function withCores<T>(count: number, work: () => Promise<T>): Promise<T> {
  const cpus = os.cpus;
  const [one] = cpus();
  os.cpus = () => Array.from({ length: count }, () => one!);
  try {
    return await work();
  } finally {
    os.cpus = cpus;
  }
}
