/**
 * @file `npm run fuzz -- --minutes 60 [--seed N] [--kind NAME] [--case N] [--out FOLDER]`: damaged and made-up inputs of every kind, until time is up.
 * A fault is an error without words of its own, a hang, a process that dies, or memory that grows. Each is recorded with its input; exit 1 if any.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scriptOptions, wrongOption } from '../support/script-options.js';
import { KINDS } from './kinds.js';
import type { Answer, Ask } from './worker.js';

/** Seconds of processor time, and of the clock, after which a case hangs. */
const LIMIT = { processor: 30, clock: 600 };
/** Bytes by which memory may grow over a process's first thousand cases. */
const GROWTH = 128 * 2 ** 20;
/** Milliseconds of a kind's turn. */
const TURN = 3000;
const RECORDED = 20;

const USAGE = 'npm run fuzz -- [--minutes N] [--seed N] [--kind KIND] [--case N] [--out FOLDER]';
const values = scriptOptions(USAGE, {
  minutes: { type: 'string', default: '1' },
  seed: { type: 'string', default: '1' },
  kind: { type: 'string' },
  case: { type: 'string' },
  out: { type: 'string', default: 'fuzz-faults' },
});
for (const [name, value] of Object.entries(values))
  if (!['kind', 'out'].includes(name) && !(Number(value) >= 0))
    wrongOption(USAGE, `--${name} takes a number, not ${value}`);
const kinds = KINDS.filter(({ name }) => values.kind === undefined || name === values.kind);
if (kinds.length === 0) wrongOption(USAGE, `the kinds are ${KINDS.map(({ name }) => name).join(', ')}`);

const inputs = join(mkdtempSync(join(tmpdir(), 'ed2lc-fuzz-inputs-')), 'case');
const counts = new Map(kinds.map(({ name }) => [name, { cases: 0, refused: 0, faults: 0 }]));
let child: Worker | undefined;

/** A process for cases, and what its memory was after its first thousand. */
class Worker {
  readonly process: ChildProcess = fork(fileURLToPath(new URL('worker.js', import.meta.url)), {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  cases = 0;
  memory = Infinity;
  #errors = '';

  constructor() {
    this.process.stderr!.on('data', (chunk) => (this.#errors = (this.#errors + chunk).slice(-4000)));
  }

  ask(ask: Ask): Promise<Answer> {
    const started = { clock: performance.now(), processor: this.#processorSeconds() };
    return new Promise((resolve) => {
      const end = (answer: Answer): void => {
        clearInterval(watch);
        this.process.off('message', end).off('exit', died);
        resolve(answer);
      };
      const died = (code: number | null, signal: string | null): void => {
        child = undefined;
        end({ refused: false, fault: `the process ended (${signal ?? code})\n${this.#errors}` });
      };
      const watch = setInterval(() => {
        const processor = this.#processorSeconds() - started.processor;
        const clock = (performance.now() - started.clock) / 1000;
        if (processor < LIMIT.processor && clock < LIMIT.clock) return;
        this.process.off('exit', died);
        this.process.kill('SIGKILL');
        child = undefined;
        end({
          refused: false,
          fault: `no end after ${processor.toFixed(0)} s of work, ${clock.toFixed(0)} s in all`,
        });
      }, 1000);
      this.process.on('message', end).on('exit', died);
      this.process.send(ask);
    });
  }

  /** On a busy machine the clock says little. Where Linux does not tell, the clock it is. */
  #processorSeconds(): number {
    try {
      const fields = readFileSync(`/proc/${this.process.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
      return (Number(fields[11]) + Number(fields[12])) / 100;
    } catch {
      return performance.now() / 1000;
    }
  }
}

/** Cases of one kind have seeds of their own, which a record names. */
const caseSeed = (i: number): number => Number(values.seed) * 1_000_003 + i;

async function runCase(kind: string, seed: number): Promise<void> {
  child ??= new Worker();
  const worker = child;
  const answer = await worker.ask({ kind, seed, inputs });
  const count = counts.get(kind)!;
  count.cases++;
  if (answer.refused) count.refused++;
  if (answer.fault !== undefined) record(kind, seed, answer.fault);
  worker.cases++;
  if (answer.memory === undefined) return;
  if (worker.cases <= 1000) worker.memory = answer.memory;
  else if (answer.memory > worker.memory + GROWTH) {
    record(
      kind,
      seed,
      `memory grew from ${worker.memory} to ${answer.memory} bytes in ${worker.cases} cases`,
    );
    worker.memory = answer.memory;
  }
}

function record(kind: string, seed: number, fault: string): void {
  const count = counts.get(kind)!;
  if (++count.faults > RECORDED) return;
  const folder = join(values.out, `${kind.replaceAll(' ', '-')}-${seed}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'fault.txt'), `npm run fuzz -- --kind '${kind}' --case ${seed}\n\n${fault}\n`);
  cpSync(inputs, folder, { recursive: true });
  process.stderr.write(
    `${kind}, case ${seed}: ${fault.split('\n').slice(0, 3).join('\n  ')}\n  kept in ${folder}\n`,
  );
}

const started = Date.now();
const end = started + Number(values.minutes) * 60_000;
if (values.case !== undefined) await runCase(kinds[0]!.name, Number(values.case));
let said = started;
// Specs take the most time for a case, and have the most ways to be wrong.
const turns = kinds.flatMap((kind) => (kind.name.includes('specs') ? [kind, kind, kind, kind] : [kind]));
for (let turn = 0; values.case === undefined && Date.now() < end; turn++) {
  const { name } = turns[turn % turns.length]!;
  for (const begun = Date.now(); Date.now() < Math.min(begun + TURN, end);)
    await runCase(name, caseSeed(counts.get(name)!.cases));
  if (Date.now() - said < 60_000) continue;
  said = Date.now();
  const all = [...counts.values()];
  const sum = (of: 'cases' | 'faults'): number => all.reduce((n, count) => n + count[of], 0);
  process.stderr.write(
    `${Math.round((said - started) / 60_000)} min: ${sum('cases')} cases, ${sum('faults')} faults\n`,
  );
}
child?.process.disconnect();
rmSync(inputs, { recursive: true, force: true });

const rows = [...counts].map(
  ([name, { cases, refused, faults }]) => `| ${name} | ${cases} | ${refused} | ${faults} |`,
);
const total = [...counts.values()].reduce((n, { faults }) => n + faults, 0);
process.stdout.write(
  [
    `seed ${values.seed}, ${((Date.now() - started) / 60_000).toFixed(1)} minutes, Node ${process.version}`,
    '',
    '| kind | cases | refused | faults |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n'),
);
process.exitCode = total > 0 ? 1 : 0;
