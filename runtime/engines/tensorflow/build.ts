/**
 * @file Makes tfjs-node's addon against the TensorFlow of a Python wheel, where the binaries that its own installation downloads cannot be
 * had or are too old for the GPU: `npm run tensorflow:build`. Needs Linux, npm and a C++ compiler; fills one folder and touches nothing else.
 *
 * The addon asks TensorFlow for plain C functions only, which the wheel's libraries export, and Node for Node-API, which every later Node has.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { builtFolder, packageIn } from './place.js';
import { findWheel, unpackWheel, type Wheel } from './wheels.js';

const VERSION = '2.18.1';
const PACKAGES = ['@tensorflow/tfjs-node@4.22.0', 'node-api-headers@1.9.0', 'yauzl@3.4.0'];
const USAGE = `usage: npm run tensorflow:build -- [--tensorflow VERSION] [--gpu] [--into FOLDER]
  --tensorflow VERSION  of the wheel (default ${VERSION}); docs/engines.md says which ones work
  --gpu                 the wheel with CUDA kernels, and NVIDIA's libraries: about 5 GB
  --into FOLDER         default ${builtFolder()}`;

export interface Recipe {
  readonly version: string;
  readonly gpu: boolean;
  readonly folder: string;
  readonly say: (line: string) => void;
}

/** The path of the package, ready to be loaded. Throws with one line. */
export async function buildTensorflow({ version, gpu, folder, say }: Recipe): Promise<string> {
  if (process.platform !== 'linux')
    throw new Error('this recipe is for Linux; elsewhere: npm install @tensorflow/tfjs-node@4.22.0');
  await mkdir(folder, { recursive: true });
  say(`npm packages into ${folder}`);
  run('npm', ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', ...PACKAGES]);
  const wheels = join(folder, 'wheels');
  await rm(wheels, { recursive: true, force: true });
  const plain = !gpu && process.arch === 'x64' ? 'tensorflow-cpu' : 'tensorflow';
  const tensorflow = await findWheel(plain, version);
  say(`${tensorflow.filename}${sizeOf(tensorflow)}`);
  await unpackWheel(tensorflow, wheels, (path) =>
    /^tensorflow\/(include\/.*\.h|lib[^/]*\.so\.2)$|\/METADATA$/.test(path),
  );
  if (gpu) await unpackCuda(wheels, say);
  say('compiling the addon');
  await compile(packageIn(folder), folder, wheels);
  await rm(join(wheels, 'tensorflow/include'), { recursive: true });
  return packageIn(folder);
}

/** NVIDIA's own wheels, in the versions that the TensorFlow wheel names. */
async function unpackCuda(wheels: string, say: (line: string) => void): Promise<void> {
  const [about] = (await readdir(wheels)).filter((name) => name.endsWith('.dist-info'));
  const metadata = await readFile(join(wheels, about!, 'METADATA'), 'utf8');
  for (const [, name, version] of metadata.matchAll(
    /^Requires-Dist: (nvidia-[\w-]+) ?\(?[=<>~]+([\d.]+).*and-cuda/gm,
  )) {
    const wheel = await findWheel(name!, version!);
    say(`${wheel.filename}${sizeOf(wheel)}`);
    await unpackWheel(wheel, wheels, (path) => /^nvidia\/.*\.so[.\d]*$/.test(path));
  }
}

async function compile(addon: string, folder: string, wheels: string): Promise<void> {
  const { binary } = JSON.parse(await readFile(join(addon, 'package.json'), 'utf8')) as {
    binary: { napi_versions: number[] };
  };
  const api = Math.max(...binary.napi_versions);
  const to = join(addon, `lib/napi-v${api}`);
  await mkdir(to, { recursive: true });
  const tensorflow = join(wheels, 'tensorflow');
  const libraries = (await readdir(tensorflow)).filter((name) => name.endsWith('.so.2'));
  run(process.env['CXX'] ?? 'c++', [
    '-std=c++17',
    '-O2',
    '-w',
    '-shared',
    '-fPIC',
    `-DNAPI_VERSION=${api}`,
    `-I${join(folder, 'node_modules/node-api-headers/include')}`,
    `-I${join(tensorflow, 'include')}`,
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(addon, 'binding', file)),
    `-L${tensorflow}`,
    ...libraries.map((name) => `-l:${name}`),
    // Relative, so that the folder can be moved.
    '-Wl,-rpath,$ORIGIN/../../../../../wheels/tensorflow',
    '-o',
    join(to, 'tfjs_binding.node'),
  ]);
}

const sizeOf = ({ size }: Wheel): string => (size === undefined ? '' : `, ${Math.round(size / 1e6)} MB`);

function run(command: string, args: readonly string[]): void {
  try {
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 2 ** 26 });
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: Buffer };
    if (code === 'ENOENT') throw new Error(`${command} is not installed`);
    const lines = String(stderr ?? '').split('\n');
    throw new Error(`${command} failed: ${lines.find((line) => /error/i.test(line)) ?? lines[0]}`);
  }
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    const { values } = parseArgs({
      options: {
        tensorflow: { type: 'string', default: VERSION },
        gpu: { type: 'boolean', default: false },
        into: { type: 'string', default: builtFolder() },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) console.log(USAGE);
    else {
      const folder = resolve(values.into);
      const path = await buildTensorflow({
        version: values.tensorflow,
        gpu: values.gpu,
        folder,
        say: (line) => console.log(line),
      });
      if (folder !== resolve(builtFolder())) console.log(`export ED2LC_TFJS_NODE=${path}`);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isUsage = code?.startsWith('ERR_PARSE_ARGS') === true;
    console.error(`error: ${message}${isUsage ? `\n${USAGE}` : ''}`);
    process.exitCode = isUsage ? 2 : 1;
  }
}
