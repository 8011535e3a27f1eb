/** @file Files of a Python package out of PyPI, without Python: a wheel is a zip archive. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

interface Published {
  readonly filename: string;
  readonly url: string;
  readonly size?: number;
  readonly hashes: { readonly sha256?: string };
}

export interface Wheel extends Published {
  readonly name: string;
  readonly version: string;
}

/** What is used of the package yauzl. */
interface Zip {
  openPromise(path: string): Promise<{
    eachEntry(): AsyncIterable<{ readonly fileName: string }>;
    openReadStreamPromise(entry: unknown): Promise<Readable>;
    close(): void;
  }>;
}

const PLATFORMS: Partial<Record<string, RegExp>> = {
  x64: /manylinux\w*_x86_64/,
  arm64: /manylinux\w*_aarch64/,
};

/** The wheel for this machine's Linux; which Python it is for makes no difference. Throws with one line where there is none. */
export async function findWheel(name: string, version: string): Promise<Wheel> {
  const index = `https://pypi.org/simple/${name}/`;
  const answer = await request(index, { accept: 'application/vnd.pypi.simple.v1+json' });
  const { files } = (await answer.json()) as { files: readonly Published[] };
  const start = `${name.replaceAll('-', '_')}-${version}-`;
  const found = files.findLast(
    ({ filename }) => filename.startsWith(start) && PLATFORMS[process.arch]?.test(filename),
  );
  if (!found) throw new Error(`PyPI has no ${name} ${version} for Linux on ${process.arch}`);
  return { ...found, url: new URL(found.url, index).href, name, version };
}

/** Puts those files of the wheel that `wanted` says into `folder`, under their own paths. Throws with one line if what arrived is not what PyPI describes. */
export async function unpackWheel(
  wheel: Wheel,
  folder: string,
  wanted: (path: string) => boolean,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const archive = join(folder, wheel.filename);
  try {
    await download(wheel, archive);
    const { openPromise } = createRequire(join(folder, '..', 'package.json'))('yauzl') as Zip;
    const zip = await openPromise(archive);
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/') || !wanted(entry.fileName)) continue;
      const path = join(folder, entry.fileName);
      await mkdir(dirname(path), { recursive: true });
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path));
    }
  } finally {
    await rm(archive, { force: true });
  }
}

async function download({ url, hashes }: Wheel, path: string): Promise<void> {
  const { body } = await request(url);
  const sum = createHash('sha256');
  const summing = new Transform({
    transform: (chunk, _, done) => {
      sum.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(Readable.fromWeb(body as never), summing, createWriteStream(path));
  if (hashes.sha256 !== undefined && sum.digest('hex') !== hashes.sha256)
    throw new Error(`${basename(path)} arrived damaged: its SHA-256 is not the one that PyPI names`);
}

async function request(url: string, headers: Record<string, string> = {}): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(url, { headers });
  } catch (error) {
    const { message, cause } = error as Error;
    throw new Error(
      `${new URL(url).host} cannot be reached: ${cause instanceof Error ? cause.message : message}`,
    );
  }
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  return answer;
}
