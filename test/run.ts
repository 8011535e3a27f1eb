/**
 * @file Runs every test file as a process of its own, a few at a time, and ends with the line CI reads: `N passed, N failed`.
 * The published executable, which tests of commands run, is made of these sources first.
 * A golden file that no test asks for is a failure of a whole run: nothing would notice when it becomes wrong.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../cli/build/bundle.js';
import { GOLDEN_ROOT } from './support/golden.js';
import { SKIPPED } from './support/skipped.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'ed2lc-test-'));
const goldensSeen = join(scratch, 'goldens');
const TIMEOUT_MS = 5 * 60_000;

function testFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.js'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

interface Result {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  readonly output: string;
}

function runFile(file: string): Promise<Result> {
  return new Promise((resolve) => {
    const started = Date.now();
    const child = spawn(process.execPath, [file], {
      cwd: root,
      env: { ...process.env, FORCE_COLOR: '0', GOLDENS_SEEN: goldensSeen },
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => {
      const total = Number(/Total:\s+(\d+)/.exec(output)?.[1] ?? 0);
      const passed = Number(/Passed:\s+(\d+)/.exec(output)?.[1] ?? 0);
      // A file that dies, or that runs no test at all, is one failure.
      const failed = Math.max(total - passed, code !== 0 || total === 0 ? 1 : 0);
      resolve({ file: relative(here, file), passed, failed, seconds: (Date.now() - started) / 1000, output });
    });
  });
}

const filter = process.argv.slice(2);
const queue = testFiles(here).filter(
  (file) => filter.length === 0 || filter.some((part) => file.includes(part)),
);
const results: Result[] = [];
async function worker(): Promise<void> {
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    const result = await runFile(file);
    results.push(result);
    const mark = result.failed > 0 ? 'FAIL' : 'ok  ';
    process.stdout.write(`${mark} ${result.file}  ${result.passed} passed  ${result.seconds.toFixed(1)} s\n`);
    if (result.failed > 0) process.stdout.write(`${result.output}\n`);
  }
}
await bundle();
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));

/** Golden files, relative to the root, that no test asked for. */
function orphans(): string[] {
  const seen = existsSync(goldensSeen) ? readFileSync(goldensSeen, 'utf8').split('\n') : [];
  return readdirSync(join(root, GOLDEN_ROOT), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !seen.includes(path));
}

/** What could not run, and in how many files. */
function skipped(): Map<string, number> {
  const lines = new Map<string, number>();
  for (const { output } of results)
    for (const line of new Set(output.split('\n').filter((l) => l.startsWith(SKIPPED))))
      lines.set(line, (lines.get(line) ?? 0) + 1);
  return lines;
}

for (const [line, files] of skipped())
  process.stdout.write(`${line} (${files === 1 ? '1 file' : `${files} files`})\n`);

const left = filter.length === 0 ? orphans() : [];
for (const path of left) process.stdout.write(`FAIL ${path}  no test asks for this golden\n`);
rmSync(scratch, { recursive: true });

const passed = results.reduce((n, r) => n + r.passed, 0);
const failed = results.reduce((n, r) => n + r.failed, 0) + left.length;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
