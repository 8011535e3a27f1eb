/** @file `npm run bench`: measures the paper's network on an engine of ours against everyone who can be started here. */
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir, totalmem, type } from 'node:os';
import { dirname, join } from 'node:path';
import { physicalCores } from '../runtime/engines/cores.js';
import { EngineError } from '../runtime/engines/errors.js';
import { openEngine } from '../runtime/index.js';
import { compete, type Plan } from './compete.js';
import { routedGraphs } from './graphs.js';
import { kernelsOf } from './kernels.js';
import { readOptions, type Options } from './options.js';
import { PEERS } from './participants.js';
import { makeProblem, PAPER, ProblemError, writeProblem } from './problem.js';
import { ParticipantError } from './process.js';
import { MEASURES } from './protocol.js';
import type { Absent, BatchResults, Results } from './results.js';
import { formatResults } from './table.js';

const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
/** Of other processes, in cores, from which on times say little. */
const BUSY = 0.5;

class OutputError extends Error {}

const EXITS = [
  [ParticipantError, 1],
  [ProblemError, 2],
  [EngineError, 5],
  [OutputError, 5],
] as const;

const options = readOptions(process.argv.slice(2));
for (const [signal, code] of Object.entries(SIGNALS)) process.once(signal, () => process.exit(code));
const tell = (line: string): void => void process.stderr.write(`${line}\n`);
try {
  // What would fail in the end fails first: an hour lies between.
  const folder = dirname(options.out);
  writing(() => {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  });
  // In a process of its own each time; here only to see that it opens.
  (await openEngine(options.engine, { threads: options.threads })).close();
  const results = await measured(options);
  process.stdout.write(`${formatResults(results)}\n`);
  writing(() => writeFileSync(options.out, `${JSON.stringify(results, null, 2)}\n`));
  process.stdout.write(`\n${options.out}\n`);
  process.exit(0);
} catch (error) {
  const exit = EXITS.find(([kind]) => error instanceof kind)?.[1];
  if (exit === undefined) throw error;
  tell(`bench: ${error instanceof ParticipantError ? 'ed2lc failed: ' : ''}${(error as Error).message}`);
  process.exit(exit);
}

/** @throws OutputError where the disk refuses. */
function writing(work: () => void): void {
  try {
    work();
  } catch (error) {
    throw new OutputError(`${options.out} cannot be written: ${(error as Error).message}`);
  }
}

async function measured({ engine, batch, threads, ...options }: Options): Promise<Results> {
  const at = new Date().toISOString();
  const machine = thisMachine();
  if (machine.load > BUSY)
    tell(`something else is running (load ${machine.load.toFixed(1)}): times will say little`);
  const plan: Plan = {
    settings: { engine, threads, python: options.python },
    peers: PEERS.filter(({ name }) => options.peers.includes(name)),
    pairs: options.pairs,
    scenarios: [...MEASURES, ...(options.contended ? (['contended'] as const) : [])],
    kernelPairs: options.kernels ? 5 : 0,
    tell,
  };
  const scratch = mkdtempSync(join(tmpdir(), 'ed2lc-bench-'));
  process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
  const batches: BatchResults[] = [];
  const absent = new Map<string, Absent>();
  for (const size of batch) {
    const problem = makeProblem(size, options.set);
    const kernels = kernelsOf(routedGraphs(problem).training, problem.batch);
    await writeProblem(scratch, problem, kernels);
    const outcome = await compete(scratch, problem.batch, kernels, plan);
    batches.push(outcome.results);
    for (const each of outcome.absent) {
      const key = `${each.label}: ${each.reason}`;
      absent.set(key, { ...each, batches: [...(absent.get(key)?.batches ?? []), size] });
    }
  }
  const numbers = { ...PAPER, ...options.set };
  return { at, machine, engine, numbers, batches, absent: [...absent.values()] };
}

function thisMachine(): Results['machine'] {
  const found = {
    cpu: cpus()[0]!.model.trim(),
    cores: physicalCores(),
    memory: totalmem(),
    system: `${type()} ${release()}`,
    load: loadavg()[0]!,
  };
  try {
    return { ...found, avx512: /^flags.*\bavx512f\b/m.test(readFileSync('/proc/cpuinfo', 'utf8')) };
  } catch {
    return found;
  }
}
