/** @file What ed2lc stands on: the engines, and the image decoder. Each is loaded, because only that shows whether it can be. */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codec } from '../../runtime/data/codec.js';
import { CODEC_COMMAND, CodecError } from '../../runtime/data/errors.js';
import { inShell } from '../shell-words.js';
import { ok, problem, warning, type Finding } from './finding.js';

/** The recipe for TensorFlow, which is published beside the executable. */
const BUILD = new URL('../../runtime/engines/tensorflow/build.js', import.meta.url);

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!;

export async function wasm(): Promise<Finding> {
  const about = 'engine wasm';
  try {
    const { openEngine } = await import('../../runtime/engines/engine.js');
    const engine = await openEngine('wasm');
    engine.close();
    const threads = `SIMD, ${engine.threads} thread${engine.threads === 1 ? '' : 's'}`;
    if (typeof SharedArrayBuffer === 'function') return ok(about, threads);
    return warning(
      about,
      `${threads}: this Node has no SharedArrayBuffer`,
      'use Node from https://nodejs.org',
    );
  } catch (error) {
    return warning(
      about,
      `${reasonOf(error)}; training will be slow on the cpu engine`,
      'npm install @tensorflow/tfjs-backend-wasm@4.22.0',
    );
  }
}

export async function cpu(): Promise<Finding> {
  const about = 'engine cpu';
  try {
    const { openEngine } = await import('../../runtime/engines/engine.js');
    (await openEngine('cpu')).close();
    return ok(about, 'plain JavaScript, the reference');
  } catch (error) {
    return problem(about, reasonOf(error), 'npm install @tensorflow/tfjs-backend-cpu@4.22.0');
  }
}

/** Loaded where it is there. Being absent is no fault: other engines train without it. */
export async function tensorflow(): Promise<Finding> {
  const about = 'tensorflow';
  const { findTensorflow, packagePath } = await import('../../runtime/engines/tensorflow/package.js');
  const build = `node ${inShell(relative('.', fileURLToPath(BUILD)))}`;
  if (packagePath() === undefined) return ok(about, `not installed; for a TensorFlow of its own: ${build}`);
  const { available, reason } = findTensorflow();
  return available ? ok(about, reason) : warning(about, reason, build);
}

export async function decoder(): Promise<Finding> {
  const about = 'images';
  try {
    const sharp = codec();
    await sharp(Buffer.alloc(1), { raw: { width: 1, height: 1, channels: 1 } })
      .png()
      .toBuffer();
    return ok(about, `sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`);
  } catch (error) {
    return problem(about, error instanceof CodecError ? error.reason : reasonOf(error), CODEC_COMMAND);
  }
}
