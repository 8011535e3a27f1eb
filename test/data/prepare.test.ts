/** @file From data blocks to data sets: folders good and bad, color, size, classes, the cache. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DataIR } from '../../compiler/model/experiment.js';
import { DataError } from '../../runtime/data/errors.js';
import { contactSheet } from '../../runtime/data/faces/contact-sheet.js';
import { expandVariables } from '../../runtime/data/paths.js';
import { readPattern } from '../../runtime/data/pattern.js';
import { prepare } from '../../runtime/data/prepare.js';

const test = suite('prepare');
let root = '';
test.before.each(async () => void (root = await mkdtemp(join(tmpdir(), 'ed2l-data-'))));
test.after.each(() => rm(root, { recursive: true, force: true }));

const position = { source: 'test', start: 0, end: 0 };
const block = (change: Partial<DataIR>): DataIR => ({
  name: 'set',
  source: { kind: 'folder', path: 'photos', pattern: 'class' },
  classes: null,
  frames: null,
  resize: null,
  color: 'gray',
  pixels: { mean: 127.5, by: 128 },
  crops: null,
  augment: [],
  balance: 'none',
  folds: null,
  span: position,
  ...change,
});
const folder = (pattern: string): DataIR['source'] => ({ kind: 'folder', path: 'photos', pattern });

async function put(
  path: string,
  content?: string | Uint8Array,
  color = '#404040',
  height = 4,
  width = 3,
): Promise<void> {
  const file = join(root, 'photos', path);
  await mkdir(dirname(file), { recursive: true });
  if (content === undefined)
    await sharp({ create: { width, height, channels: 3, background: color } }).toFile(file);
  else await writeFile(file, content);
}

const read = (change: Partial<DataIR> = {}, notes: string[] = []) =>
  prepare(block(change), {
    cacheDir: join(root, 'cache'),
    baseDir: root,
    onNote: (text) => notes.push(text),
  });

/** Of a PNG chunk. */
function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

async function refused(words: RegExp, change: Partial<DataIR> = {}): Promise<void> {
  const error = await read(change).then(
    () => null,
    (thrown: Error) => thrown,
  );
  assert.instance(error, DataError);
  assert.match(error!.message, words);
}

test('class folders: natural order, each image its own person, hidden files passed over', async () => {
  for (const file of ['happy/10.png', 'happy/2.png', 'angry/1.png']) await put(file);
  for (const file of ['.DS_Store', 'happy/Thumbs.db', 'happy/._2.png', '.git/x.png']) await put(file, 'x');
  await put('happy/notes.txt', 'x');
  const set = await read();
  assert.equal(set.classes, ['angry', 'happy']);
  assert.equal(
    set.samples.map((s) => s.id),
    ['angry/1.png', 'happy/2.png', 'happy/10.png'],
  );
  assert.equal(
    set.samples.map((s) => s.label),
    [0, 1, 1],
  );
  assert.equal(
    set.samples.map((s) => s.subject),
    set.samples.map((s) => s.id),
  );
  assert.equal([set.height, set.width, set.channels], [4, 3, 1]);
  assert.equal(set.dropped, [
    { reason: 'files that are not images', count: 1, items: ['happy/notes.txt'], damaged: false },
  ]);
});

test('patterns that name people', async () => {
  await put('S1/happy/a.png');
  await put('S2/happy/a.png');
  const set = await read({ source: folder('subject/class') });
  assert.equal(
    set.samples.map((s) => [s.subject, set.classes[s.label]]),
    [
      ['S1', 'happy'],
      ['S2', 'happy'],
    ],
  );
  const match = (pattern: string, path: string) => readPattern(pattern).match(path.split('/'));
  assert.equal(match('class/subject_*', 'neutral/001_03.jpg'), { class: 'neutral', subject: '001' });
  assert.equal(match('class/subject_*', 'neutral/a_b_c.jpg'), { class: 'neutral', subject: 'a' });
  assert.is(match('class/subject_*', 'neutral/001.jpg'), null);
  assert.equal(match('class/subject', 'neutral/7/x.png'), { class: 'neutral', subject: '7' });
  assert.is(match('class', 'a/b/x.png'), null);
  for (const wrong of ['subject', 'class/class', '', '/class', 'class/..'])
    assert.throws(() => readPattern(wrong), /folder pattern/);
});

test('a pattern must say where names end', () => {
  for (const wrong of ['class/subject*', '*class', 'classsubject', 'class/**subject'])
    assert.throws(() => readPattern(wrong), /does not say where a name ends/);
});

test('names with spaces and of any script are kept; one name composed in two ways is one person', async () => {
  await put('froh gelaunt/Zoë 1/a b.png');
  await put('froh gelaunt/李雷/1.png');
  await put('悲しみ/Zoe\u0308 1/1.png');
  const set = await read({ source: folder('class/subject') });
  assert.equal(set.classes, ['froh gelaunt', '悲しみ']);
  assert.equal([...new Set(set.samples.map((s) => s.subject))].sort(), ['Zoë 1', '李雷']);
});

test('links are followed, loops and pipes are not waited for, deeper folders are counted', async () => {
  await put('a/1.png');
  await put('a/deep/2.png');
  const at = (path: string): string => join(root, 'photos', path);
  await symlink(at('a/1.png'), at('a/linked.png'));
  await symlink(at('a'), at('b'));
  await symlink(at('a/loop.png'), at('a/loop.png'));
  await symlink(at('nowhere'), at('a/broken.png'));
  await symlink(root, at('a/up'));
  execFileSync('mkfifo', [at('a/pipe.png')]);
  const set = await read();
  assert.equal(
    set.samples.map((s) => s.id),
    ['a/1.png', 'a/linked.png', 'b/1.png', 'b/linked.png'],
  );
  const dropped = Object.fromEntries(set.dropped.map(({ reason, count }) => [reason, count]));
  assert.equal(dropped, {
    'broken links': 4,
    'entries that are neither files nor folders': 2,
    'folders deeper than the pattern class': 4,
  });
});

test('classes filter and order; what is left out is counted', async () => {
  for (const file of ['a/1.png', 'b/1.png', 'b/2.png', 'c/1.png']) await put(file);
  const set = await read({ classes: ['c', 'a'] });
  assert.equal(
    set.samples.map((s) => [s.id, s.label]),
    [
      ['a/1.png', 1],
      ['c/1.png', 0],
    ],
  );
  const reason = 'images of class b, which is not listed';
  assert.equal(set.dropped, [{ reason, count: 2, items: ['b/1.png', 'b/2.png'], damaged: false }]);
  await refused(/no images of class d; it has a, b, c/, { classes: ['a', 'd'] });
});

test('gray is BT.601, rgb keeps the channels, sizes are stretched', async () => {
  await put('a/1.png', undefined, '#ff0000');
  await put('a/2.png', undefined, '#00ff00', 8, 8);
  const gray = await read({ resize: [2, 2] });
  assert.equal([gray.pixels[0], gray.pixels[4]], [76, 150]);
  const rgb = await read({ resize: [2, 2], color: 'rgb' });
  assert.equal([...rgb.pixels.subarray(0, 3)], [255, 0, 0]);
  assert.is(rgb.pixels.length, 2 * 2 * 2 * 3);
  await refused(/1\.png is 4x3, a\/2\.png is 8x8.*add `resize/s);
});

test('the orientation a camera noted is honoured', async () => {
  const turned = sharp(Uint8Array.of(0, 255), { raw: { height: 1, width: 2, channels: 1 } });
  await put('a/1.png', await turned.withMetadata({ orientation: 6 }).png().toBuffer());
  const set = await read();
  assert.equal([set.height, set.width, ...set.pixels], [2, 1, 0, 255]);
});

test('16 bits are scaled to 8, and what shines through lies on mid-gray', async () => {
  const save = async (path: string, pixels: Uint8Array | Uint16Array, channels: 1 | 2, space: string) =>
    put(
      path,
      await sharp(pixels, { raw: { width: 2, height: 1, channels } })
        .toColourspace(space)
        .png()
        .toBuffer(),
    );
  await save('a/16.png', Uint16Array.of(32768, 65535), 1, 'grey16');
  await save('a/alpha.png', Uint8Array.of(200, 255, 200, 0), 2, 'b-w');
  assert.equal([...(await read()).pixels], [128, 255, 200, 127]);
});

test('an image that claims to be huge is refused from its header', async () => {
  const huge = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } })
    .png()
    .toBuffer();
  huge.writeUInt32BE(60_000, 16);
  huge.writeUInt32BE(60_000, 20);
  huge.writeUInt32BE(crc32(huge.subarray(12, 29)), 29);
  await put('a/huge.png', huge);
  await refused(/1 of 1 images in .*huge\.png \(.*pixel limit/s);
});

test('PGM files are read', async () => {
  await put('a/1.pgm', Uint8Array.from([...Buffer.from('P5 2 1 255\n'), 7, 9]));
  assert.equal([...(await read()).pixels], [7, 9]);
});

test('damaged files are counted and named; if none is left, that is an error', async () => {
  const whole = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#777' } })
    .jpeg()
    .toBuffer();
  await put('a/cut.jpg', whole.subarray(0, whole.length - 40));
  await put('a/empty.png', '');
  await put('a/old.heic', 'x');
  await refused(/2 of 2 images in .* could not be read:\n {2}a\/cut\.jpg \(.+\)\n {2}a\/empty\.png \(.+\)/);
  for (let i = 0; i < 10; i++) await put(`a/bad${i}.pgm`, 'P5 1 1 255\n');
  await put('a/good.png');
  const notes: string[] = [];
  const set = await read({}, notes);
  assert.is(set.samples.length, 1);
  await read({}, notes);
  assert.is(notes[1], notes[0], 'what could not be read is tried again, not remembered');
  assert.match(
    notes[0]!,
    /images that could not be read, left out \(12 of 13\).*a\/bad0\.pgm \(PGM is cut off: 0 of 1 bytes\).*and 2 more/s,
  );
  assert.is(set.dropped.find((d) => d.reason.includes('could not be read'))!.count, 12);
  assert.ok(set.dropped.some((d) => d.reason.includes('.heic')));
});

test('missing folders, variables and images are explained', async () => {
  await refused(/there is no folder .*photos/);
  await put('note.txt', 'x');
  await refused(/holds no images laid out as class\n {2}1 files that are not images/);
  await refused(/is a file, not a folder/, {
    source: { kind: 'folder', path: 'photos/note.txt', pattern: 'class' },
  });
  await refused(/needs the environment variable ED2L_NO_SUCH, which is not set/, {
    source: { kind: 'folder', path: '$ED2L_NO_SUCH/x', pattern: 'class' },
  });
  assert.is(expandVariables('$A/${B}c', { A: '1', B: '2' }), '1/2c');
});

test('the cache answers, follows the files, and is rebuilt when damaged', async () => {
  await put('a/1.png');
  await put('a/2.png');
  const first = await read();
  const cacheDir = join(root, 'cache', 'data');
  const [file] = await readdir(cacheDir);
  const bytes = await readFile(join(cacheDir, file!));
  assert.equal(await read(), first);
  assert.equal((await read({ name: 'other' })).name, 'other');

  for (const damage of [
    () => bytes.subarray(0, bytes.length - 1),
    () => Buffer.from(bytes).fill(1, bytes.length - 1),
    () => Buffer.alloc(0),
  ]) {
    await writeFile(join(cacheDir, file!), damage());
    const notes: string[] = [];
    assert.equal(await read({}, notes), first);
    assert.match(notes.join(), /damaged and is made again/);
    assert.is(Buffer.compare(await readFile(join(cacheDir, file!)), bytes), 0);
  }
  await put('a/2.png', undefined, '#ffffff', 4, 3);
  await put('a/3.png');
  assert.is((await read()).samples.length, 3);
  assert.is((await readdir(cacheDir)).filter((name) => name.endsWith('.partial')).length, 0);
});

test('a run that dies while writing, two at once, and a cache that cannot be written do no harm', async () => {
  await put('a/1.png');
  const [one, two] = await Promise.all([read(), read()]);
  assert.equal(one, two);
  const cacheDir = join(root, 'cache', 'data');
  const [file] = await readdir(cacheDir);
  assert.is((await readdir(cacheDir)).length, 1);
  // What a process killed half-way leaves: the name is never read again.
  const whole = await readFile(join(cacheDir, file!));
  await rm(join(cacheDir, file!));
  await writeFile(join(cacheDir, `${file}.0.partial`), whole.subarray(0, 20));
  const notes: string[] = [];
  assert.equal(await read({}, notes), one);
  assert.equal(notes, []);
  await rm(join(root, 'cache'), { recursive: true });
  await writeFile(join(root, 'cache'), 'a file where the folder should be');
  assert.equal(await read({}, notes), one);
  assert.match(notes.join(), /set could not be cached in .*cache/);
});

const onePerson = { kind: 'synthetic_faces', people: 1, preset: 'easy', seed: 1 } as const;
const faces = (change: Partial<DataIR> = {}) => read({ source: { ...onePerson, people: 2 }, ...change });

test('synthetic faces: names, sizes, dropped classes; neutral only where it is listed', async () => {
  const set = await faces({ classes: ['happiness', 'anger'] });
  assert.equal([set.height, set.width, set.samples.length], [128, 110, 16]);
  assert.equal(set.samples[5], {
    id: 'person1/anger/2',
    label: 1,
    subject: 'person1',
    sequence: 'person1/anger/2',
  });
  assert.is(set.dropped.length, 5);
  const { classes } = await faces({ source: onePerson, resize: [4, 4] });
  assert.equal(classes.length, 7);
  assert.not.ok(classes.includes('neutral'));
  const sheet = await sharp(await contactSheet(set, 1)).metadata();
  assert.equal([sheet.height, sheet.width], [128, 220]);
});

test('a sheet of images without people has a row for the n-th image of each class', async () => {
  const set = {
    ...(await faces({ source: onePerson, classes: ['neutral'], resize: [1, 1] })),
    classes: ['a', 'b'],
    height: 1,
    width: 1,
    pixels: Uint8Array.of(10, 20, 30, 40),
    // a, b, b, a
    samples: [0, 1, 1, 0].map((label, i) => ({ id: `${i}`, label, subject: `${i}`, sequence: `${i}` })),
  };
  const pixelsOf = async (rows?: number): Promise<number[]> => [
    ...(await sharp(await contactSheet(set, rows))
      .toColourspace('b-w')
      .raw()
      .toBuffer()),
  ];
  assert.equal(await pixelsOf(), [10, 20, 40, 30]);
  assert.equal(await pixelsOf(1), [10, 20]);
  const [first, second] = ['p', 'q'];
  set.samples = set.samples.map((s, i) => ({ ...s, subject: i < 2 ? first! : second! }));
  set.samples.push({ id: '4', label: 0, subject: second!, sequence: '4' });
  set.pixels = Uint8Array.of(10, 20, 30, 40, 50);
  assert.equal(await pixelsOf(), [10, 20, 40, 30], 'of a person, the first of each class');
});

test('synthetic faces in another size and in color', async () => {
  const set = await faces({ classes: ['neutral'], resize: [8, 7], color: 'rgb' });
  assert.equal([set.height, set.width, set.channels, set.pixels.length], [8, 7, 3, 8 * 8 * 7 * 3]);
});

test.run();
