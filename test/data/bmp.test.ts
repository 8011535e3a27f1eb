/** @file BMP images: the published example of four pixels, what is written reads back, and every cut is refused. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeBmp, encodeBmp } from '../../runtime/data/bmp.js';
import { DataError } from '../../runtime/data/errors.js';

/** "Example 1" of en.wikipedia.org/wiki/BMP_file_format: blue and green above red and white. */
const EXAMPLE = Buffer.from(
  '424d460000000000000036000000280000000200000002000000010018000000000010000000130b0000130b00000000000000000000' +
    '0000ffffffff0000ff000000ff000000',
  'hex',
);

test('the published example', () => {
  const { height, width, pixels } = decodeBmp(EXAMPLE);
  assert.equal([height, width], [2, 2]);
  assert.equal([...pixels], [0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255]);
});

test('what is written reads back, whatever the width', () => {
  for (let width = 1; width <= 5; width++) {
    const image = {
      height: 3,
      width,
      pixels: Uint8Array.from({ length: 9 * width }, (_, i) => (37 * i) % 256),
    };
    const read = decodeBmp(encodeBmp(image));
    assert.equal([read.height, read.width, ...read.pixels], [3, width, ...image.pixels]);
  }
});

test('a file cut anywhere, with another size or compression, is refused', () => {
  const refused = (bytes: Buffer): void => {
    assert.throws(
      () => decodeBmp(bytes),
      (error: unknown) => error instanceof DataError,
    );
  };
  for (let length = 0; length < EXAMPLE.length; length++) refused(EXAMPLE.subarray(0, length));
  for (const [at, value] of [
    [18, 0x7fffffff],
    [22, 0x7fffffff],
    [18, 0],
    [30, 1],
    [10, 0],
    [28, 16],
  ] as const) {
    const changed = Buffer.from(EXAMPLE);
    changed.writeUInt32LE(value, at);
    refused(changed);
  }
});

test.run();
