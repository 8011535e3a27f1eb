/**
 * @file tfjs-core's own tests, which its package ships, on one backend: `npm run conformance -- --backend onednn|cpu`.
 * Prints how many passed per test file and per kernel of the library, and compares them with counts.json; `--write` writes that file.
 * Nothing is excluded: `pending` counts what tfjs itself has switched off.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBackend, getKernel, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { build } from 'esbuild';
import { NATIVE_KERNELS } from '../../../runtime/engines/onednn/kernels/register.js';
import { registerOneDnn } from '../../../runtime/engines/onednn/open.js';
import { scriptOptions, wrongOption } from '../../support/script-options.js';
import '@tensorflow/tfjs-backend-cpu';

interface Count {
  passed: number;
  failed: number;
  pending: number;
}
type Counts = Record<string, Count>;

interface Bundle {
  readonly ready: () => Promise<void>;
  readonly setTestEnvs: (environments: readonly object[]) => void;
  readonly load: (file: (name: string, load: () => void) => void) => void;
}

interface Spec {
  readonly fullName: string;
  readonly status: keyof Count;
  readonly failedExpectations: readonly { readonly message: string }[];
}

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const COUNTS = join(ROOT, 'test/engines/tfjs/counts.json');
const OUT = fileURLToPath(new URL('./core-tests.cjs', import.meta.url));
const CORE = join(dirname(require.resolve('@tensorflow/tfjs-core/package.json')), 'dist');
const USAGE = 'npm run conformance -- [--backend onednn|cpu] [--write]';
const { backend, write } = scriptOptions(USAGE, {
  backend: { type: 'string', default: 'onednn' },
  write: { type: 'boolean', default: false },
});
if (backend !== 'onednn' && backend !== 'cpu') wrongOption(USAGE, `there is no backend ${backend} here`);

/** All test files in one, each loaded under its name. */
async function bundle(): Promise<Bundle> {
  const files = readdirSync(CORE, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('_test.js'))
    .sort();
  const required = (file: string): string => `require(${JSON.stringify(join(CORE, file))})`;
  const contents = `
    ${required('public/chained_ops/register_all_chained_ops.js')};
    ${required('register_all_gradients.js')};
    exports.ready = ${required('index.js')}.ready;
    exports.setTestEnvs = ${required('jasmine_util.js')}.setTestEnvs;
    exports.load = (file) => {
      ${files.map((file) => `file(${JSON.stringify(file.replace('.js', ''))}, () => ${required(file)});`).join('\n')}
    };`;
  await build({
    stdin: { contents, resolveDir: CORE },
    outfile: OUT,
    bundle: true,
    platform: 'node',
    format: 'cjs',
  });
  return require(OUT) as Bundle;
}

const add = (counts: Counts, name: string, status: keyof Count): void =>
  void (counts[name] ??= { passed: 0, failed: 0, pending: 0 })[status]++;

if (backend === 'onednn') registerOneDnn({ threads: 2 });
// Makes it, and with it registers its kernels.
findBackend(backend);
const seen = new Set<string>();
const watched = backend === 'onednn' ? Object.keys(NATIVE_KERNELS).filter((name) => !name.includes('.')) : [];
for (const name of watched) {
  const config = getKernel(name, backend)!;
  unregisterKernel(name, backend);
  registerKernel({ ...config, kernelFunc: (call) => (seen.add(name), config.kernelFunc(call)) });
}

(require('jasmine-core') as { boot: () => void }).boot();
const { jasmine, describe: real } = globalThis as unknown as {
  jasmine: { getEnv: () => Record<string, (options?: object) => Promise<void>> };
  describe: (name: string, body: () => void) => void;
};
const tests = await bundle();
await tests.ready();
tests.setTestEnvs([{ name: backend, backendName: backend, isDataSync: true }]);
let file = '';
let depth = 0;
Object.assign(globalThis, {
  describe: (name: string, body: () => void) =>
    real(depth === 0 ? `${file} | ${name}` : name, () => {
      depth++;
      try {
        body();
      } finally {
        depth--;
      }
    }),
});
tests.load((name, load) => {
  file = name;
  load();
});

const files: Counts = {};
const kernels: Counts = {};
const failures: string[] = [];
const environment = jasmine.getEnv();
await environment['configure']!({ random: false, forbidDuplicateNames: false });
await environment['addReporter']!({
  specStarted: () => seen.clear(),
  specDone: ({ fullName, status, failedExpectations }: Spec) => {
    add(files, fullName.split(' | ')[0]!, status);
    for (const kernel of seen) add(kernels, kernel, status);
    if (status === 'failed') failures.push(`${fullName}: ${failedExpectations[0]!.message}`);
  },
});
await environment['execute']!();

const sorted = (counts: Counts): Counts =>
  Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
const found = { files: sorted(files), kernels: sorted(kernels) };
for (const [name, { passed, failed, pending }] of [
  ...Object.entries(found.files),
  ...Object.entries(found.kernels),
])
  process.stdout.write(`${name}: ${passed} passed, ${failed} failed, ${pending} pending\n`);
const all = existsSync(COUNTS)
  ? (JSON.parse(readFileSync(COUNTS, 'utf8')) as Record<string, typeof found>)
  : {};
const same = JSON.stringify(all[backend]) === JSON.stringify(found);
if (write) writeFileSync(COUNTS, `${JSON.stringify({ ...all, [backend]: found }, null, 2)}\n`);
else if (!same) failures.push('the counts are not those of test/engines/tfjs/counts.json');
const missing = watched.filter((name) => !kernels[name]);
if (missing.length > 0) failures.push(`no test runs ${missing.join(', ')}`);
for (const failure of failures) process.stdout.write(`FAIL ${failure}\n`);
const passed = Object.values(files).reduce((sum, count) => sum + count.passed, 0);
process.stdout.write(`${backend}: ${passed} passed, ${failures.length} faults\n`);
process.exitCode = failures.length > 0 ? 1 : 0;
