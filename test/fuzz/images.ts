/** @file Image files, damaged: through the preparation of a folder of images. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import type { DataIR } from '../../compiler/model/experiment.js';
import { prepare } from '../../runtime/data/prepare.js';
import { PLAIN_DATA } from '../support/training.js';
import { damagedBytes } from './damage-bytes.js';
import type { Kind } from './kind.js';

export const BLOCK: DataIR = {
  ...PLAIN_DATA,
  name: 'set',
  source: { kind: 'folder', path: 'photos', pattern: 'class' },
  resize: [4, 3],
};

const whole = new Map<string, Buffer>();

export const images: Kind = {
  name: 'image',
  async prepare(folder) {
    const noise = Buffer.from(Uint8Array.from({ length: 9 * 8 * 3 }, (_, i) => (i * 97) % 251));
    const image = sharp(noise, { raw: { width: 9, height: 8, channels: 3 } }).withExif({
      IFD0: { Orientation: '6' },
    });
    for (const type of ['png', 'jpeg', 'gif', 'tiff', 'webp'] as const)
      whole.set(type, await image.clone().toFormat(type).toBuffer());
    whole.set('16.png', await image.clone().toColourspace('rgb16').png().toBuffer());
    whole.set('p2.pgm', Buffer.from('P2\n# a comment\n3 2\n255\n0 10 20\n30 40 255\n'));
    whole.set('p5.pgm', Buffer.concat([Buffer.from('P5 3 2 65535\n'), Buffer.alloc(12, 0x5a)]));
    await mkdir(join(folder, 'photos', 'one'), { recursive: true });
    await writeFile(join(folder, 'photos', 'one', 'sound.png'), whole.get('png')!);
  },
  async run(seed, keep, folder) {
    const [type, bytes] = [...whole][seed % whole.size]!;
    const damaged = damagedBytes(bytes, seed);
    keep(`image.${type}`, damaged);
    const file = join(folder, 'photos', 'one', `damaged.${type}`);
    await writeFile(file, damaged);
    try {
      const color = seed % 3 === 0 ? 'rgb' : 'gray';
      const options = { cacheDir: null, baseDir: folder };
      const dataset = await prepare({ ...BLOCK, color }, options);
      const dropped = dataset.dropped.reduce((n, { count }) => n + count, 0);
      assert.is(dataset.samples.length + dropped, 2, 'an image was lost');
      assert.is(dataset.pixels.length, dataset.samples.length * 4 * 3 * (color === 'gray' ? 1 : 3));
    } finally {
      await rm(file, { force: true });
    }
  },
};
