/** @file FER2013 in its three forms, and rows that are not what they must be. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DataIR } from '../../compiler/model/experiment.js';
import { FER2013_CLASSES } from '../../compiler/model/sources.js';
import { tablePlace, type TablePlace } from '../support/tables.js';

const test = suite('fer2013');
let place: TablePlace;
test.before.each(() => void (place = tablePlace()));
test.after.each(() => place.remove());

type Part = Extract<DataIR['source'], { kind: 'fer2013' }>['part'];
const source = (path: string, part: Part = 'all'): DataIR['source'] => ({ kind: 'fer2013', path, part });
/** Brightness `n` but for the first two pixels of the second row. */
const face = (n: number): string =>
  Array.from({ length: 48 * 48 }, (_, i) => (i === 48 ? 1 : i === 49 ? 255 : n)).join(' ');
const CLASSES = [...FER2013_CLASSES];
/** One row per class, then two more of class 3. */
const EMOTIONS = [0, 1, 2, 3, 4, 5, 6, 3, 3];
const usage = (i: number): string => (i < 7 ? 'Training' : i === 7 ? 'PublicTest' : 'PrivateTest');

test('the form with pixels in the middle and the one with pixels last give the same images', async () => {
  const first = EMOTIONS.map((e, i) => `${e},${face(i)},${usage(i)}`);
  place.write('fer2013.csv', `emotion,pixels,Usage\n${first.join('\n')}\n`);
  const second = EMOTIONS.map((e, i) => `${e}, ${usage(i)}, ${face(i)}`);
  place.write('icml/icml_face_data.csv', `emotion, Usage, pixels\r\n${second.join('\r\n')}\r\n`);
  const one = await place.read({ source: source('fer2013.csv') });
  const other = await place.read({ source: source('icml') });
  assert.equal({ ...one, pixels: [...one.pixels] }, { ...other, pixels: [...other.pixels] });
  assert.equal([one.height, one.width, one.classes], [48, 48, CLASSES]);
  assert.equal(one.samples[7], { id: 'fer0000007', label: 3, subject: 'fer0000007', sequence: 'fer0000007' });
  // Row by row: the 49th number begins the second row.
  const [start, size] = [2, 48 * 48];
  assert.equal([...one.pixels.subarray(start * size + 47, start * size + 51)], [2, 1, 255, 2]);
});

test('parts', async () => {
  const row = (e: number, part: string): string => `${e},${face(e)},${part}`;
  const both = CLASSES.flatMap((_, e) => [row(e, 'Training'), row(e, 'PrivateTest')]);
  place.write('fer2013.csv', `emotion,pixels,Usage\n${both.join('\n')}\n`);
  const set = await place.read({ source: source('.', 'private') });
  assert.equal(
    set.samples.map((s) => s.id),
    CLASSES.map((_, i) => `fer${String(2 * i + 1).padStart(7, '0')}`),
  );
  assert.equal([set.dropped[0]!.reason, set.dropped[0]!.count], ['images of other parts than private', 7]);
  assert.match(await place.refusal({ source: source('.', 'public') }), /holds no images of part public/);
  place.write('fer2013.csv', `emotion,pixels\n0,${face(1)}\n`);
  assert.match(await place.refusal({ source: source('.', 'public') }), /has no column Usage/);
});

test('the form with folders: classes by their other names, parts by the names of files', async () => {
  const names = ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'];
  names.forEach((name, i) => {
    place.image(`fer/train/${name}/Training_${i}.pgm`, i);
    place.image(`fer/test/${name}/PublicTest_${i}.pgm`, 10 + i);
    place.image(`fer/test/${name}/PrivateTest_${i}.pgm`, 20 + i);
  });
  const read = (part: Part) => place.read({ source: source('fer', part) });
  assert.is((await read('all')).samples.length, 21);
  const set = await read('private');
  assert.equal([set.classes, set.samples.length], [CLASSES, 7]);
  for (const { id, label } of set.samples) assert.is(id, `test/${names[label]}/PrivateTest_${label}.pgm`);
  place.image('fer/test/happy/7.pgm');
  assert.match(
    await place.refusal({ source: source('fer', 'public') }),
    /test\/happy\/7\.pgm .* does not tell its part/,
  );
  place.image('fer/train/joy/1.pgm');
  assert.match(await place.refusal({ source: source('fer') }), /joy is no class of FER2013/);
});

test('rows that are not an emotion, 48 x 48 numbers and a part are all named', async () => {
  const short = face(1).split(' ').slice(1).join(' ');
  const rows = [
    `7,${face(0)},Training`,
    `,${face(0)},Training`,
    `0,${short},Training`,
    `0,${face(0)} 3,Training`,
    `0,${face(256)},Training`,
    `0,${face(0).replace('255', '-1')},Training`,
    `0,${face(0).replace('255', '1.5')},Training`,
    `0,,Training`,
    `0,${face(0)},Test`,
    `0,${face(0)}`,
    `0,${face(0)},Training`,
  ];
  place.write('fer2013.csv', `emotion,pixels,Usage\n${rows.join('\n')}\n`);
  const message = await place.refusal({ source: source('fer2013.csv') });
  assert.equal(message.split('\n').slice(1), [
    '  line 2: the emotion "7" is not a number from 0 to 6',
    '  line 3: the emotion "" is not a number from 0 to 6',
    '  line 4: 2303 pixels, not 48 times 48',
    '  line 5: 2305 pixels, not 48 times 48',
    '  line 6: pixel 1 is "256", not a whole number from 0 to 255',
    '  line 7: pixel 50 is "-1", not a whole number from 0 to 255',
    '  line 8: pixel 50 is "1.5", not a whole number from 0 to 255',
    '  line 9: 0 pixels, not 48 times 48',
    '  line 10: the usage "Test" is none of Training, PublicTest and PrivateTest',
    '  line 11: 2 cells, and the header names 3',
  ]);
});

test('a file cut anywhere is refused, or is short by whole rows', async () => {
  const text = `emotion,pixels,Usage\n${CLASSES.map((_, e) => `${e},${face(e)},Training`).join('\n')}\n`;
  for (let k = 1; k < 20; k++) {
    place.write('fer2013.csv', text.slice(0, Math.floor((text.length * k) / 20)));
    assert.match(await place.refusal({ source: source('fer2013.csv') }), /cannot be used|no images/);
  }
});

test.run();
