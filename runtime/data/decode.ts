/** @file An image file, or raw pixels, to 8-bit gray or RGB of a wanted size. */
import { readFile, stat } from 'node:fs/promises';
import type sharp from 'sharp';
import { decodeBmp, type ColorImage } from './bmp.js';
import { codec, THREADS } from './codec.js';
import { CodecError, DataError } from './errors.js';
import type { ListedImage } from './listing.js';
import { decodePgm, MOST_PIXELS } from './pgm.js';

export interface Raster {
  readonly height: number;
  readonly width: number;
  /** [height, width, channels] */
  readonly pixels: Uint8Array;
  /** Before it was resized, as it lies upright. */
  readonly original: { readonly height: number; readonly width: number };
}

export interface Form {
  /** Stretched to this size; null keeps the image's own. */
  readonly resize: readonly [height: number, width: number] | null;
  readonly kernel?: 'bilinear' | 'bicubic' | 'nearest';
  readonly color: 'gray' | 'rgb';
  /** Absent: BT.601. */
  readonly gray?: readonly [red: number, green: number, blue: number];
}

const BT601 = [0.299, 0.587, 0.114] as const;
const KERNELS = { bilinear: 'linear', bicubic: 'cubic', nearest: 'nearest' } as const;

/** What an image may take on disk: 256 MiB. */
const MOST_BYTES = 2 ** 28;

/** How many images to decode at once: one more than threads, so that none waits for the copying here. */
export const LANES = THREADS + 1;

const input = { failOn: 'warning', limitInputPixels: MOST_PIXELS } as const;

/**
 * Decodes what was listed; the camera's orientation (EXIF) is honoured, transparency lies on mid-gray. What a file is is told by its content.
 * @throws any error of the file system or the decoder; damaged files count as errors, not as half images.
 * @throws DataError with `changed` for a file that is no longer the one listed.
 */
export async function decode(image: ListedImage, form: Form): Promise<Raster> {
  if (image.kind === 'pixels') return convertGray(image.pixels, image.height, image.width, form);
  const { file, size, modified } = image;
  if (size === 0) throw new ImageError('the file is empty');
  if (size > MOST_BYTES) throw new ImageError('the file is larger than 256 MiB');
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new ChangedError(file);
    throw error;
  });
  const now = await stat(file).catch(() => null);
  if (bytes.length !== size || now?.size !== size || now.mtimeMs !== modified) throw new ChangedError(file);
  return decodeBytes(bytes, form, image.lying ?? false);
}

/** Damaged, or no image: reading it again will not help. */
export class ImageError extends Error {}

export class ChangedError extends DataError {
  constructor(file: string) {
    super(`${file} changed while the data was read: start again when nothing writes to it`);
  }
}

async function decodeBytes(bytes: Buffer, form: Form, lying: boolean): Promise<Raster> {
  const format = formatOf(bytes);
  try {
    if (format === 'pgm') {
      const { height, width, pixels } = decodePgm(bytes);
      return await convertGray(pixels, height, width, form);
    }
    const opened = format === 'bmp' ? rawColor(decodeBmp(bytes)) : codec()(bytes, input).autoOrient();
    const { image, size } = await upright(opened, lying);
    return { ...(await convert(image, form)), original: size };
  } catch (error) {
    if (error instanceof CodecError) throw error;
    throw new ImageError((error as Error).message.split('\n')[0]);
  }
}

const rawColor = ({ pixels, height, width }: ColorImage): sharp.Sharp =>
  codec()(pixels, { ...input, raw: { height, width, channels: 3 } });

/** A camera on its side leaves images wider than high, unless somebody has turned them already. */
async function upright(
  image: sharp.Sharp,
  lying: boolean,
): Promise<{ readonly image: sharp.Sharp; readonly size: Raster['original'] }> {
  const { autoOrient: size } = await image.metadata();
  if (!lying || size.width <= size.height) return { image, size };
  const { data, info } = await image.rotate(90).raw().toBuffer({ resolveWithObject: true });
  const { height, width, channels } = info;
  return { image: codec()(data, { ...input, raw: { height, width, channels } }), size: { height, width } };
}

const SIGNATURES: readonly (readonly [format: string, begins: (text: string) => boolean])[] = [
  ['png', (text) => text.startsWith('\x89PNG\r\n\x1A\n')],
  ['jpeg', (text) => text.startsWith('\xFF\xD8\xFF')],
  ['gif', (text) => /^GIF8[79]a/.test(text)],
  ['tiff', (text) => text.startsWith('II*\0') || text.startsWith('MM\0*')],
  ['webp', (text) => text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP'],
  ['bmp', (text) => text.startsWith('BM')],
  ['pgm', (text) => /^P[25]\s/.test(text)],
];

/** Only what cameras and data sets write: a drawing (SVG, PDF) may read other files, or never end. */
function formatOf(bytes: Buffer): string {
  const text = bytes.toString('latin1', 0, 16);
  const found = SIGNATURES.find(([, begins]) => begins(text));
  if (found) return found[0];
  const start = JSON.stringify(bytes.toString('utf8', 0, 12));
  throw new ImageError(`not PNG, JPEG, GIF, TIFF, WebP, BMP or PGM: it begins with ${start}`);
}

/** The same for gray pixels in memory. */
export async function convertGray(
  pixels: Uint8Array,
  height: number,
  width: number,
  form: Form,
): Promise<Raster> {
  const original = { height, width };
  if (form.color === 'gray' && (!form.resize || (form.resize[0] === height && form.resize[1] === width)))
    return { height, width, pixels, original };
  const image = codec()(pixels, { ...input, raw: { height, width, channels: 1 } });
  return { ...(await convert(image, form)), original };
}

async function convert(
  image: sharp.Sharp,
  { resize, kernel, color, gray = BT601 }: Form,
): Promise<Omit<Raster, 'original'>> {
  const sized = resize
    ? image.resize({
        height: resize[0],
        width: resize[1],
        fit: 'fill',
        kernel: kernel ? KERNELS[kernel] : 'lanczos3',
      })
    : image;
  const { data, info } = await sized
    .flatten({ background: '#7f7f7f' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { height, width, channels } = info;
  return { height, width, pixels: inColor(data, channels, { color, gray }) };
}

/** Gray or RGB of pixels with so many channels; a gray source may come with one. sharp's own gray is linear-light, which no weights here are. */
export function inColor(
  from: Uint8Array,
  channels: number,
  { color, gray = BT601 }: Pick<Form, 'color' | 'gray'>,
): Uint8Array {
  if (color === 'rgb' && channels === 3) return from;
  const count = from.length / channels;
  const pixels = new Uint8Array(count * (color === 'gray' ? 1 : 3));
  for (let i = 0, at = 0; i < count; i++, at += channels) {
    const r = from[at]!;
    const g = channels < 3 ? r : from[at + 1]!;
    const b = channels < 3 ? r : from[at + 2]!;
    if (color === 'gray') pixels[i] = Math.round(gray[0] * r + gray[1] * g + gray[2] * b);
    else {
      pixels[3 * i] = r;
      pixels[3 * i + 1] = g;
      pixels[3 * i + 2] = b;
    }
  }
  return pixels;
}
