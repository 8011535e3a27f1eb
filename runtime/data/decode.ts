/** @file An image file, or raw pixels, to 8-bit gray or RGB of a wanted size. */
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { decodePgm } from './pgm.js';

export interface Raster {
  readonly height: number;
  readonly width: number;
  /** [height, width, channels] */
  readonly pixels: Uint8Array;
}

export interface Form {
  /** Stretched to this size; null keeps the image's own. */
  readonly resize: readonly [height: number, width: number] | null;
  readonly color: 'gray' | 'rgb';
}

/**
 * Decodes a file; the camera's orientation (EXIF) is honoured, transparency lies on mid-gray.
 * @throws any error of the decoder; damaged files count as errors, not as half images.
 */
export async function decodeFile(file: string, form: Form): Promise<Raster> {
  if (/\.pgm$/i.test(file)) {
    const { height, width, pixels } = decodePgm(await readFile(file));
    return convert(sharp(pixels, { raw: { height, width, channels: 1 } }), form);
  }
  return convert(sharp(file, { failOn: 'warning' }).autoOrient(), form);
}

/** The same for gray pixels in memory. */
export async function convertGray(
  pixels: Uint8Array,
  height: number,
  width: number,
  form: Form,
): Promise<Raster> {
  if (form.color === 'gray' && (!form.resize || (form.resize[0] === height && form.resize[1] === width)))
    return { height, width, pixels };
  return convert(sharp(pixels, { raw: { height, width, channels: 1 } }), form);
}

async function convert(image: sharp.Sharp, { resize, color }: Form): Promise<Raster> {
  const sized = resize ? image.resize({ height: resize[0], width: resize[1], fit: 'fill' }) : image;
  const { data, info } = await sized
    .flatten({ background: '#7f7f7f' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { height, width, channels } = info;
  const pixels = new Uint8Array(height * width * (color === 'gray' ? 1 : 3));
  // A gray source may come back with one channel; sharp's own gray is linear-light, BT.601 is what the field uses.
  for (let i = 0, at = 0; i < height * width; i++, at += channels) {
    const r = data[at]!;
    const g = channels < 3 ? r : data[at + 1]!;
    const b = channels < 3 ? r : data[at + 2]!;
    if (color === 'gray') pixels[i] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
    else pixels.set([r, g, b], 3 * i);
  }
  return { height, width, pixels };
}
