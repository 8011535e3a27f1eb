/** @file PGM files: text and binary, comments, depths, damage. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodePgm } from '../../runtime/data/pgm.js';

const bytes = (text: string, ...tail: number[]): Uint8Array =>
  Uint8Array.from([...Buffer.from(text, 'latin1'), ...tail]);
const pixels = (file: Uint8Array): number[] => [...decodePgm(file).pixels];

test('binary, 8 bits', () => {
  const image = decodePgm(bytes('P5 3 2 255\n', 0, 1, 2, 3, 4, 255));
  assert.equal([image.height, image.width], [2, 3]);
  assert.equal([...image.pixels], [0, 1, 2, 3, 4, 255]);
});

test('a pixel that looks like white space or a comment belongs to the image', () => {
  assert.equal(pixels(bytes('P5\n3 1\n255\n', 10, 35, 32)), [10, 35, 32]);
});

test('comments anywhere in the header', () => {
  assert.equal(pixels(bytes('P5# a\n# b 9\n2 # width\n1\n#\n255\n', 8, 9)), [8, 9]);
});

test('16 bits, big endian, scaled to 8', () => {
  assert.equal(pixels(bytes('P5 2 1 65535\n', 0xff, 0xff, 0x80, 0x00)), [255, 128]);
  assert.equal(pixels(bytes('P5 1 1 1023\n', 0x03, 0xff)), [255]);
});

test('text, with another maximum and comments between values', () => {
  assert.equal(pixels(bytes('P2\n2 2\n15\n0 15 # two\n 5\n10')), [0, 255, 85, 170]);
});

test('damage is named', () => {
  const fails = (file: Uint8Array, words: RegExp): void => assert.throws(() => decodePgm(file), words);
  fails(bytes('P6 1 1 255\n', 1, 2, 3), /not a PGM/);
  fails(bytes(''), /not a PGM/);
  fails(bytes('P5 2 2 255\n', 1), /cut off: 1 of 4 bytes/);
  fails(bytes('P5 2'), /no number for its height/);
  fails(bytes('P5 0 2 255\n'), /size 0x2/);
  fails(bytes('P5 1 1 70000\n', 1, 1), /maximum 70000/);
  fails(bytes('P2 2 1 15\n3'), /value 2 of 2/);
  fails(bytes('P2 1 1 15\n16'), /16 exceeds/);
  fails(bytes('P5 99999 99999 255\n', 1), /not possible/);
});

test.run();
