/** @file `npm run bench`: measures the paper's network on an engine of ours against everyone who can be started here. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir, totalmem, type } from 'node:os';
import { dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import { openEngine, type EngineName } from '../runtime/index.js';
import { physicalCores } from '../runtime/engines/cores.js';
import { compete, type Plan } from './compete.js';
import { routedGraphs } from './graphs.js';
import { kernelsOf } from './kernels.js';
import { PEERS, PYTHON } from './participants.js';
import { makeProblem, writeProblem } from './problem.js';
import { MEASURES } from './protocol.js';
import type { Absent, BatchResults, Results } from './results.js';
import { formatResults } from './table.js';

interface Options {
  readonly engine: EngineName;
  readonly batch: readonly string[];
  readonly peers?: readonly string[];
  readonly threads: string;
  readonly pairs?: string;
  readonly quick?: true;
  readonly kernels: boolean;
  readonly contended: boolean;
  readonly python: string;
  readonly out?: string;
}

const program = new Command('bench')
  .description('The paper’s network: ours against PyTorch, tfjs by hand, and a backward pass per loss.')
  .option('--engine <name>', 'ours: onednn, tensorflow, wasm or cpu', 'onednn')
  .option('--batch <sizes...>', 'batch sizes', ['16', '64'])
  .addOption(
    new Option('--peers <names...>', 'some of the peers only').choices(PEERS.map(({ name }) => name)),
  )
  .option('--threads <n>', 'of every participant', String(physicalCores()))
  .option('--pairs <n>', 'pairs of times per measurement (default: 11; 3 if quick)')
  .option('--quick', 'few pairs, no kernels, no busy process; written to the scratch folder')
  .option('--no-kernels', 'without single kernels')
  .option('--no-contended', 'without the step beside a busy process')
  .option('--python <file>', 'with PyTorch', PYTHON)
  .option('--out <file>', 'where results go (default: bench/results/ENGINE.json)');

const options = program.parse().opts<Options>();
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const load = loadavg()[0]!;
const scratch = mkdtempSync(join(tmpdir(), 'ed2lc-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const quick = options.quick === true;
const threads = Number(options.threads);
const plan: Plan = {
  settings: { engine: options.engine, threads, python: options.python },
  peers: PEERS.filter(({ name }) => !options.peers || options.peers.includes(name)),
  pairs: Number(options.pairs ?? (quick ? 3 : 11)),
  scenarios: [...MEASURES, ...(options.contended && !quick ? (['contended'] as const) : [])],
  kernelPairs: options.kernels && !quick ? 5 : 0,
  tell: (line) => void process.stderr.write(`${line}\n`),
};

// In a process of its own each time; here only to fail before anything is written.
await openEngine(options.engine, { threads });

const batches: BatchResults[] = [];
const absent = new Map<string, Absent>();
for (const size of options.batch) {
  const problem = makeProblem(Number(size));
  const kernels = kernelsOf(routedGraphs(problem).training, problem.batch);
  await writeProblem(scratch, problem, kernels);
  const outcome = await compete(scratch, problem.batch, kernels, plan);
  batches.push(outcome.results);
  for (const each of outcome.absent) absent.set(each.label, each);
}

const [cpu] = cpus();
const results: Results = {
  at: new Date().toISOString(),
  machine: {
    cpu: cpu!.model.trim(),
    cores: physicalCores(),
    memory: totalmem(),
    system: `${type()} ${release()}`,
    load,
  },
  engine: options.engine,
  threads,
  batches,
  absent: [...absent.values()],
};
const out =
  options.out ?? (quick ? join(tmpdir(), 'ed2lc-bench-quick.json') : `bench/results/${options.engine}.json`);
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, `${JSON.stringify(results, null, 2)}\n`);
process.stdout.write(`${formatResults(results)}\n\n${out}\n`);
process.exit(0);
