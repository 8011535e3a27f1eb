/** @file BMP images without compression: 8 bits with a palette, 24 and 32 bits; the format of BU-3DFE. */
import { DataError } from './errors.js';
import { MOST_PIXELS } from './pgm.js';

export interface ColorImage {
  readonly height: number;
  readonly width: number;
  /** RGB, [height, width, 3] */
  readonly pixels: Uint8Array;
}

/** Of the file, and of the shortest description of an image that has what is needed. */
const FILE_HEADER = 14;
const INFO_HEADER = 40;

/** @throws DataError naming what is wrong, for compressed images too. */
export function decodeBmp(bytes: Buffer): ColorImage {
  if (bytes.length < FILE_HEADER + INFO_HEADER || bytes.toString('latin1', 0, 2) !== 'BM')
    throw new DataError('not a BMP file, or cut off in its header');
  const start = bytes.readUInt32LE(10);
  const header = bytes.readUInt32LE(14);
  const width = bytes.readInt32LE(18);
  // Negative: the highest row comes first.
  const rows = bytes.readInt32LE(22);
  const height = Math.abs(rows);
  const bits = bytes.readUInt16LE(28);
  const compression = bytes.readUInt32LE(30);
  const colors = bytes.readUInt32LE(46);
  if (header < INFO_HEADER) throw new DataError(`BMP with a header of ${header} bytes is not read here`);
  if (compression !== 0) throw new DataError(`BMP with compression ${compression} is not read here`);
  if (bits !== 8 && bits !== 24 && bits !== 32)
    throw new DataError(`BMP with ${bits} bits per pixel is not read here`);
  if (width < 1 || height < 1 || width * height > MOST_PIXELS)
    throw new DataError(`BMP size ${width}x${height} is not possible`);
  // Rows end at multiples of four bytes.
  const step = bits / 8;
  const stride = Math.ceil((width * step) / 4) * 4;
  if (start < FILE_HEADER + header || start + stride * height > bytes.length)
    throw new DataError(`BMP is cut off: ${bytes.length} of ${start + stride * height} bytes`);
  const palette = FILE_HEADER + header;
  const count = bits === 8 ? colors || 256 : 0;
  if (count > 256 || palette + 4 * count > start)
    throw new DataError(`BMP with a palette of ${count} colors is damaged`);
  const pixels = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    const row = start + (rows < 0 ? y : height - 1 - y) * stride;
    for (let x = 0; x < width; x++) {
      let from = row + x * step;
      if (bits === 8) {
        const index = bytes[from]!;
        if (index >= count) throw new DataError(`BMP has the color ${index} of a palette of ${count}`);
        from = palette + 4 * index;
      }
      const to = 3 * (y * width + x);
      pixels[to] = bytes[from + 2]!;
      pixels[to + 1] = bytes[from + 1]!;
      pixels[to + 2] = bytes[from]!;
    }
  }
  return { height, width, pixels };
}

/** As a file of 24 bits. */
export function encodeBmp({ height, width, pixels }: ColorImage): Buffer {
  const stride = Math.ceil((3 * width) / 4) * 4;
  const start = FILE_HEADER + INFO_HEADER;
  const file = Buffer.alloc(start + stride * height);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(start, 10);
  file.writeUInt32LE(INFO_HEADER, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  file.writeUInt32LE(stride * height, 34);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < 3; channel++)
        file[start + (height - 1 - y) * stride + 3 * x + 2 - channel] =
          pixels[3 * (y * width + x) + channel]!;
  return file;
}
