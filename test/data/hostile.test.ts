/** @file Images that are damaged, of another kind than they say, or made to harm: each is left out, named, and costs little. */
import { chmodSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { manifest, tablePlace, type TablePlace } from '../support/tables.js';

const test = suite('hostile images');
let place: TablePlace;
test.before.each(() => void (place = tablePlace()));
test.after.each(() => place.remove());

const plain = sharp({ create: { width: 32, height: 32, channels: 3, background: '#567' } });
const noise = sharp(Buffer.from(Array.from({ length: 32 * 32 }, (_, i) => (i * 7919) % 251)), {
  raw: { width: 32, height: 32, channels: 1 },
});

/** A PNG of so many pixels, all zero: a few kilobytes that unfold to gigabytes. */
function bomb(size: number): Buffer {
  const table = Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c >>> 0;
  });
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    let crc = 0xffffffff;
    for (const byte of body) crc = table[(crc ^ byte) & 255]! ^ (crc >>> 8);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header[8] = 8;
  const row = Buffer.alloc(1024);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1A\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(row)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

test('each is named with its line and the reason; the others keep their labels', async () => {
  const png = await noise.clone().png().toBuffer();
  const jpeg = await noise.clone().jpeg().toBuffer();
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9"><image xlink:href="file:///etc/hostname"/></svg>`;
  const files: Readonly<Record<string, readonly [content: string | Buffer, reason: RegExp]>> = {
    'empty.png': ['', /the file is empty/],
    'text.png': ['hello', /not PNG, JPEG, .*begins with "hello"/],
    'html.jpg': ['<!DOCTYPE html><html>', /not PNG, JPEG/],
    'drawing.png': [svg, /begins with "<svg xmlns=/],
    'xml.png': [`<?xml version="1.0"?>${svg}`, /begins with "<\?xml/],
    'paper.jpg': ['%PDF-1.7 ', /begins with "%PDF/],
    'cut.png': [png.subarray(0, png.length >> 1), /./],
    'cut.jpg': [jpeg.subarray(0, jpeg.length >> 1), /./],
    'head.png': [png.subarray(0, 8), /./],
    'bomb.png': [bomb(60_000), /pixel limit/],
    'bomb.pgm': ['P5 99999 99999 255\n', /99999x99999 is not possible/],
    'cut.pgm': ['P5 4 4 255\n123', /cut off/],
    'flip.png': [Buffer.concat([png.subarray(0, 60), Buffer.alloc(40), png.subarray(100)]), /./],
  };
  const rows = Object.entries(files).map(([file, [content]], i) => {
    place.write(file, content);
    place.write(`good${i}.png`, png);
    return `${file},bad\ngood${i}.png,c${i % 3}`;
  });
  place.write('good.png', png);
  place.write('m.csv', `file,class\n${rows.join('\n')}\ngood.png,bad\n`);
  const { samples, classes, dropped } = await place.read({ source: manifest('m.csv'), resize: [4, 4] });
  assert.equal(
    samples.map((s) => [s.id, classes[s.label]]),
    [...rows.keys()].map((i) => [`good${i}.png`, `c${i % 3}`]).concat([['good.png', 'bad']]),
  );
  const [lost] = dropped;
  assert.is(lost!.count, rows.length);
  for (const [i, [file, [, reason]]] of Object.entries(files).entries()) {
    const item = lost!.items.find((text) => text.startsWith(`m.csv line ${2 * i + 2}: ${file} (`));
    assert.ok(item, `${file} among ${lost!.items.join('\n')}`);
    assert.match(item!, reason);
    assert.not.ok(item!.includes('\n'));
  }
});

test('content decides, not the name', async () => {
  place.write('a.png', await plain.clone().jpeg().toBuffer());
  place.write('b.jpg', await plain.clone().webp().toBuffer());
  place.write('c.gif', await plain.clone().tiff().toBuffer());
  place.write('d', await plain.clone().gif().toBuffer());
  place.write('m.csv', 'file,class\na.png,x\nb.jpg,x\nc.gif,y\nd,y\n');
  const { samples, pixels, sizes } = await place.read({ source: manifest('m.csv'), resize: [1, 1] });
  assert.is(samples.length, 4);
  assert.ok(
    [...pixels].every((p) => Math.abs(p - 0x65) < 5),
    [...pixels].join(),
  );
  assert.equal(sizes, [{ height: 32, width: 32, count: 4 }]);
});

test('a file that may not be read is left out, and the set is not cached', async () => {
  if (process.getuid?.() === 0) return;
  place.image('1.pgm');
  place.image('2.pgm');
  chmodSync(join(place.path, '2.pgm'), 0);
  place.write('m.csv', 'file,class\n1.pgm,a\n2.pgm,a\n');
  const cacheDir = join(place.path, 'cache');
  const read = () => place.read({ source: manifest('m.csv') }, { cacheDir });
  assert.match((await read()).dropped[0]!.items[0]!, /m\.csv line 3: 2\.pgm \(.*permission denied/);
  chmodSync(join(place.path, '2.pgm'), 0o600);
  assert.is((await read()).samples.length, 2);
});

test('data that changes while it is read ends the reading', async () => {
  for (let i = 0; i < 40; i++) place.image(`${i}.pgm`);
  place.write('m.csv', `file,class\n${Array.from({ length: 40 }, (_, i) => `${i}.pgm,a`).join('\n')}\n`);
  const last = join(place.path, '39.pgm');
  const change = (how: () => void): Promise<Error | null> =>
    place.read({ source: manifest('m.csv') }, { onProgress: (done) => void (done === 1 && how()) }).then(
      () => null,
      (error: Error) => error,
    );
  const rewritten = await change(() => writeFileSync(last, 'P5 2 2 255\n9999'));
  const touched = await change(() => utimesSync(last, 1, 1));
  for (const error of [rewritten, touched])
    assert.match(error?.message ?? 'nothing', /39\.pgm changed while the data was read/);
});

test.run();
