/** @file Netpbm gray images (PGM): P2 (text) and P5 (binary), 8 and 16 bits, with comments. */
import { DataError } from './errors.js';

export interface GrayImage {
  readonly height: number;
  readonly width: number;
  /** 0…255, scaled from the file's own maximum. */
  readonly pixels: Uint8Array;
}

/** What an image may claim to have: 64 megapixels. */
export const MOST_PIXELS = 2 ** 26;

const space = new Set([9, 10, 11, 12, 13, 32]);

/**
 * Decodes a PGM file.
 * @throws DataError naming what is wrong: magic, header, maximum, too few or too large values.
 */
export function decodePgm(bytes: Uint8Array): GrayImage {
  const magic = String.fromCharCode(bytes[0] ?? 0, bytes[1] ?? 0);
  if (magic !== 'P2' && magic !== 'P5')
    throw new DataError('not a PGM file (it does not begin with P2 or P5)');
  const reader = new NumberReader(bytes, 2);
  const width = reader.next('width');
  const height = reader.next('height');
  const maximum = reader.next('maximum');
  if (width < 1 || height < 1 || width * height > MOST_PIXELS)
    throw new DataError(`PGM size ${width}x${height} is not possible`);
  if (maximum < 1 || maximum > 65535) throw new DataError(`PGM maximum ${maximum} is outside 1…65535`);

  const count = width * height;
  const pixels = new Uint8Array(count);
  const put = (i: number, value: number): void => {
    if (value > maximum) throw new DataError(`PGM value ${value} exceeds the file's maximum ${maximum}`);
    pixels[i] = Math.round((value * 255) / maximum);
  };
  if (magic === 'P2') {
    for (let i = 0; i < count; i++) put(i, reader.next(`value ${i + 1} of ${count}`));
    return { height, width, pixels };
  }
  // Exactly one white space ends a binary header.
  const start = reader.at + 1;
  const size = maximum > 255 ? 2 : 1;
  if (bytes.length - start < count * size)
    throw new DataError(`PGM is cut off: ${Math.max(0, bytes.length - start)} of ${count * size} bytes`);
  for (let i = 0; i < count; i++)
    put(i, size === 1 ? bytes[start + i]! : bytes[start + 2 * i]! * 256 + bytes[start + 2 * i + 1]!);
  return { height, width, pixels };
}

/** Decimal numbers between white space; `#` starts a comment to the end of the line. */
class NumberReader {
  at: number;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  next(what: string): number {
    const { bytes } = this;
    for (; this.at < bytes.length; this.at++) {
      if (bytes[this.at] === 35) while (this.at < bytes.length && bytes[this.at] !== 10) this.at++;
      else if (!space.has(bytes[this.at]!)) break;
    }
    const start = this.at;
    while (this.at < bytes.length && bytes[this.at]! >= 48 && bytes[this.at]! <= 57) this.at++;
    const digits = this.at - start;
    if (digits === 0 || digits > 9) throw new DataError(`PGM has no number for its ${what}`);
    return Number(String.fromCharCode(...bytes.subarray(start, this.at)));
  }
}
