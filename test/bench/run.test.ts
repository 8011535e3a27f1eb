/** @file `npm run bench` in miniature, as a process: it measures, names whom it cannot, refuses wrong options, and leaves no process behind. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Results } from '../../bench/results.js';

const test = suite('bench run');
const place = mkdtempSync(join(tmpdir(), 'ed2l-bench-run-'));
test.after(() => rmSync(place, { recursive: true, force: true }));

const out = join(place, 'inner', 'results.json');
const NUMBERS = ['height=32', 'width=48', 'filters=2', 'middle=1', 'last=2', 'features=6', 'rate=1e-3'];
const SIZE = ['--engine', 'cpu', '--threads', '1', '--quick', '--pairs', '2', '--batch', '2'];
const MINIATURE = [...SIZE, '--set', ...NUMBERS, '--out', out];

interface Started {
  readonly child: ChildProcess;
  /** All of standard error so far. */
  readonly told: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

function bench(...args: readonly string[]): Started {
  const child = spawn(process.execPath, ['dist/bench/bench.js', ...args]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => (stdout += text));
  child.stderr.on('data', (text) => (stderr += text));
  const ended = new Promise<Awaited<Started['ended']>>((done) =>
    child.on('close', (code) => done({ code, stdout, stderr })),
  );
  return { child, told: () => stderr, ended };
}

/** Processes whose parent is that one, by number. */
function childrenOf(parent: number): number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return rows
    .map((row) => row.trim().split(/\s+/).map(Number))
    .flatMap(([pid, of]) => (of === parent ? [pid!] : []));
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A program in PyTorch's place. */
function impostor(name: string, script: string): string {
  const file = join(place, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

test('who can be started is measured and written down; who is missing or dies is named, and has no times', async () => {
  const dying = impostor(
    'dying',
    `echo '{"about":"impostor","threads":1,"start":1}'; read request; echo 'killed for memory' >&2; exit 1`,
  );
  const { code, stdout, stderr } = await bench(
    ...MINIATURE,
    '--peers',
    'pruned',
    'torch-eager-nchw',
    '--python',
    dying,
  ).ended;
  assert.is(code, 0, stderr);
  const results = JSON.parse(readFileSync(out, 'utf8')) as Results;
  assert.equal([results.engine, results.numbers.height, results.numbers.classes], ['cpu', 32, 7]);
  const [measured] = results.batches;
  assert.equal([results.batches.length, measured!.batch, measured!.threads], [1, 2, 1]);
  assert.equal(
    measured!.peers.map(({ name }) => name),
    ['pruned'],
  );
  const { times, agreement } = measured!.peers[0]!;
  assert.is(agreement.objection, undefined);
  for (const scenario of ['step', 'backward', 'inference'] as const) {
    const { ours, theirs, pairs } = times[scenario]!;
    assert.ok(ours.min > 0 && theirs.min > 0, scenario);
    assert.is(pairs, 2);
  }
  assert.equal(results.absent, [
    { label: 'PyTorch eager, NCHW', batches: [2], reason: 'it ended: killed for memory' },
  ]);
  assert.match(stdout, /\| ed2lc, one pruned backward pass per loss \|/);
  assert.match(stdout, /^Not measured: PyTorch eager, NCHW, at batch 2: it ended: killed for memory\.$/m);
  assert.ok(stdout.trimEnd().endsWith(out));
});

test('a peer that is not installed is named with the command that installs it', async () => {
  const nowhere = join(place, 'nowhere');
  const { code, stdout, stderr } = await bench(
    ...MINIATURE,
    '--peers',
    'torch-eager-nchw',
    '--python',
    nowhere,
  ).ended;
  assert.is(code, 0, stderr);
  assert.match(stdout, /Not measured: PyTorch eager, NCHW.*nowhere.*`bash bench\/peers\/torch\/setup\.sh`/);
  assert.equal((JSON.parse(readFileSync(out, 'utf8')) as Results).batches[0]!.peers, []);
});

test('what cannot be measured, or cannot be written, is said first', async () => {
  writeFileSync(join(place, 'file'), '');
  for (const [exit, words, ...args] of [
    [2, 'argument .height=-1. is invalid', '--set', 'height=-1'],
    [2, 'unknown option', '--bogus'],
    [2, 'must be a whole number', '--set', 'filters=2.5'],
    [5, 'cannot be written', '--out', join(place, 'file', 'results.json')],
  ] as const) {
    const { code, stdout, stderr } = await bench('--engine', 'cpu', ...args).ended;
    assert.is(code, exit, stderr);
    assert.match(stderr, new RegExp(words));
    assert.not.match(stderr, /\n\s+at |starts/);
    assert.is(stdout, '');
  }
});

test('interrupted, it ends with 130 and takes its participants along, those that sleep too', async () => {
  rmSync(out, { force: true });
  const { child, told, ended } = bench(...MINIATURE, '--pairs', '5000', '--peers', 'pruned');
  while (!told().includes('agrees')) {
    assert.is(child.exitCode, null, told());
    await sleep(20);
  }
  const participants = childrenOf(child.pid!);
  assert.is(participants.length, 2, 'ours and the peer');
  child.kill('SIGINT');
  assert.is((await ended).code, 130);
  // The system takes a moment to bury them.
  for (let i = 0; i < 100 && participants.some(isThere); i++) await sleep(20);
  assert.equal(participants.filter(isThere), []);
  assert.not.ok(existsSync(out));
});

test.run();
