/** @file Manifests: what their columns mean, what is refused and what is left out, and that no damage moves a label. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DataError } from '../../runtime/data/errors.js';
import { manifest, tablePlace, type TablePlace } from '../support/tables.js';

const test = suite('manifest');
let place: TablePlace;
test.before.each(() => void (place = tablePlace()));
test.after.each(() => place.remove());

/** The samples as id, class and person. */
const read = async (source = manifest('m.csv')): Promise<string[][]> => {
  const { samples, classes } = await place.read({ source });
  return samples.map((s) => [s.id, classes[s.label]!, s.subject]);
};
const refusal = (text: string | Uint8Array, source = manifest('m.csv')): Promise<string> => {
  place.write('m.csv', text);
  return place.refusal({ source });
};
const images = (...files: readonly string[]): void => files.forEach((file, i) => place.image(file, i));

test('CSV: columns by name in any order, blanks, BOM, CRLF, quotes, empty lines', async () => {
  images('a/1.pgm', 'a/2, b.pgm', 'c "x".pgm');
  place.write(
    'm.csv',
    '\uFEFFSubject , File,class\r\n p1, a/1.pgm ,happy\r\n\r\n p2,"a/2, b.pgm",sad\r\np1,"c ""x"".pgm","happy"',
  );
  assert.equal(await read(), [
    ['a/1.pgm', 'happy', 'p1'],
    ['a/2, b.pgm', 'sad', 'p2'],
    ['c "x".pgm', 'happy', 'p1'],
  ]);
});

test('JSON, and other names for the columns; relative files start at root', async () => {
  images('images/1.pgm', 'images/2.pgm');
  place.write(
    'lists/m.json',
    JSON.stringify([
      { name: '1.pgm', emotion: 3, who: 7 },
      { name: '2.pgm', emotion: 0, who: 'Zoe\u0308' },
    ]),
  );
  const source = manifest('lists/m.json', { file: 'name', class: 'emotion', subject: 'who' }, '../images');
  assert.equal(await read(source), [
    ['1.pgm', '3', '7'],
    ['2.pgm', '0', 'Zoë'],
  ]);
  assert.match(
    await place.refusal({ source: manifest('lists/m.json', { file: 'image' }) }),
    /has no column image; it has "name", "emotion", "who"/,
  );
});

test('names of any script, composed in either way, in the table and on the disk', async () => {
  images('悲しみ/Zoe\u0308.pgm', 'froh gelaunt/Jose\u0301 1.pgm');
  place.write(
    'm.csv',
    'file,class,subject\n悲しみ/Zoë.pgm,悲しみ,Jose\u0301\nfroh gelaunt/Jose\u0301 1.pgm,froh,José\n',
  );
  assert.equal(await read(), [
    ['悲しみ/Zoë.pgm', '悲しみ', 'José'],
    ['froh gelaunt/José 1.pgm', 'froh', 'José'],
  ]);
});

test('without a column of people each image is its own; a sequence is one person', async () => {
  images('1.pgm', '2.pgm', '3.pgm');
  place.write('m.csv', 'path,label\n1.pgm,a\n2.pgm,b\n');
  assert.equal(
    (await read()).map((s) => s[2]),
    ['1.pgm', '2.pgm'],
  );
  place.write('m.csv', 'path,label,sequence\n1.pgm,a,s\n2.pgm,b,s\n3.pgm,b,\n');
  assert.equal(
    (await read()).map((s) => s[2]),
    ['s', 's', '3.pgm'],
  );
});

test('rows that are not whole make all of it unfit; the first ten are named, all are kept', async () => {
  images('1.pgm', '2.pgm');
  const message = await refusal(
    [
      'file,class,subject',
      '1.pgm,a,p',
      '2.pgm,a',
      '2.pgm,a,p,',
      ',a,p',
      '2.pgm,,p',
      '2.pgm,b,',
      '../2.pgm,b,p',
      '/etc/2.pgm,b,p',
      './1.pgm,b,p',
    ].join('\n'),
  );
  assert.equal(message.split('\n').slice(1), [
    '  line 3: 2 cells, and the header names 3',
    '  line 4: 4 cells, and the header names 3',
    '  line 5: no file',
    '  line 6: no class',
    '  line 7: no subject',
    `  line 8: "../2.pgm" is not within ${place.path} (\`root\` says where files are)`,
    `  line 9: "/etc/2.pgm" is not within ${place.path} (\`root\` says where files are)`,
    '  line 10: file 1.pgm again, after line 2',
  ]);
  const many = await refusal(`file,class\n${'1.pgm\n'.repeat(25)}`);
  assert.match(
    many,
    /^25 rows of .*m\.csv cannot be used, and so none is:\n {2}line 2: 1 cell, .*\n {2}and 15 more$/s,
  );
});

for (const [what, text, message] of [
  ['nothing', '', /m\.csv is empty/],
  ['only a header', 'file,class\n', /lists no images/],
  [
    'no column for classes',
    'file,emotion\n1.pgm,a\n',
    /has no column class or label; it has "file", "emotion"/,
  ],
  ['semicolons', 'file;class\n1.pgm;a\n', /separated by ;: save it with commas/],
  ['two columns of one name', 'file,class,class\n', /two columns named class/],
  ['two columns that may be meant', 'file,path,class\n', /columns file and path: say which/],
  [
    'a quote that is not closed',
    'file,class\n1.pgm,a\n2.pgm,"b\n3.pgm,c\n',
    /opens a quote in line 3 or later/,
  ],
  ['a quote within a cell', 'file,class\n1.pgm,a"b\n', /quote in the middle of a cell in line 2/],
  ['text after a quote', 'file,class\n1.pgm,"a"b\n', /goes on after a closing quote in line 2/],
  ['a zero byte', 'file,class\n1.pgm,a\0b\n', /zero byte in line 2/],
  ['a row without end', `file,class\n1.pgm,"${'x'.repeat(2 ** 20)}`, /over a million characters from line 2/],
] as const) {
  test(`CSV with ${what}`, async () => assert.match(await refusal(text), message));
}

test('CSV that is not UTF-8', async () => {
  assert.match(await refusal(Buffer.from('file,class\n1.pgm,fr\xF6hlich\n', 'latin1')), /not UTF-8/);
  assert.match(await refusal(Buffer.from('\uFEFFfile,class\n', 'utf16le')), /zero byte|not UTF-8/);
});

for (const [what, text, message] of [
  ['broken', '[{"file": ', /not valid JSON/],
  ['no list', '{"file": "1.pgm"}', /not a list of objects/],
  ['a list of other things', '[1, null, ["a"]]', /has no column file or path/],
  ['an item that is no object', '[{"file": "1.pgm", "class": "a"}, 3]', /item 2: 3 is not an object/],
  ['a class that is a list', '[{"file": "1.pgm", "class": ["a"]}]', /item 1: no class/],
  ['a key of the language below', '[{"__proto__": {"file": "1.pgm", "class": "a"}}]', /has no column file/],
] as const) {
  test(`JSON: ${what}`, async () => {
    place.write('m.json', text);
    assert.match(await place.refusal({ source: manifest('m.json') }), message);
  });
}

test('files that are missing, folders, or links in a circle are left out and named by line', async () => {
  images('1.pgm');
  mkdirSync(join(place.path, 'folder.pgm'));
  symlinkSync('loop.pgm', join(place.path, 'loop.pgm'));
  place.write('m.csv', 'file,class\n1.pgm,a\ngone.pgm,a\nfolder.pgm,a\nloop.pgm,a\n');
  const { samples, dropped } = await place.read({ source: manifest('m.csv') });
  assert.is(samples.length, 1);
  assert.equal(Object.fromEntries(dropped.map(({ reason, items }) => [reason, items])), {
    'images that are not there': ['m.csv line 3: gone.pgm'],
    'images that are not files': ['m.csv line 4: folder.pgm'],
    'images whose links lead in a circle': ['m.csv line 5: loop.pgm'],
  });
  assert.is(place.notes.length, 3);
  assert.match(
    await refusal('file,class\nx.pgm,a\ny.pgm,b\n'),
    /none of the 2 images .*\n {2}m\.csv line 2: x\.pgm/,
  );
});

test('classes filter and order, and a class without images is an error', async () => {
  images('1.pgm', '2.pgm', '3.pgm');
  place.write('m.csv', 'file,class\n1.pgm,a\n2.pgm,b\n3.pgm,hapy\n');
  const { samples, dropped } = await place.read({ source: manifest('m.csv'), classes: ['b', 'a'] });
  assert.equal(
    samples.map((s) => [s.id, s.label]),
    [
      ['1.pgm', 1],
      ['2.pgm', 0],
    ],
  );
  assert.equal(
    dropped.map((d) => [d.reason, d.items]),
    [['images of class hapy, which is not listed', ['m.csv line 4: 3.pgm']]],
  );
  assert.match(
    await place.refusal({ source: manifest('m.csv'), classes: ['a', 'happy'] }),
    /no images of class happy; it has a, b, hapy/,
  );
});

test('fields: numbers, lists, columns that belong together; one other cell, and it is none', async () => {
  images('1.pgm', '2.pgm');
  place.write(
    'm.csv',
    'file,class,age,votes.x,votes.y,list,note,mixed\n' +
      '1.pgm,b,30,0.25,.75,"[1, 2, 3]",hi,1\n' +
      '2.pgm,a,-4e1,1,0,"[4, 5, 6]",7,one\n',
  );
  const { fields, otherColumns } = await place.read({ source: manifest('m.csv') });
  assert.equal(Object.fromEntries(fields.map(({ name, shape, values }) => [name, [shape, [...values]]])), {
    age: [[], [30, -40]],
    'votes.x': [[], [0.25, 1]],
    'votes.y': [[], [0.75, 0]],
    votes: [[2], [0.25, 0.75, 1, 0]],
    list: [[3], [1, 2, 3, 4, 5, 6]],
  });
  assert.equal(otherColumns, [
    { name: 'note', why: 'line 2 has "hi", which is no number' },
    { name: 'mixed', why: 'line 3 has "one", and not a number' },
  ]);
});

test('fields stay with their images when others are left out', async () => {
  images('1.pgm', '3.pgm', '4.pgm');
  place.write('2.pgm', 'broken');
  place.write(
    'm.json',
    JSON.stringify(
      [1, 2, 3, 4, 5].map((i) => ({ file: `${i}.pgm`, class: i === 3 ? 'b' : 'a', v: [i, -i] })),
    ),
  );
  const { samples, fields } = await place.read({ source: manifest('m.json'), classes: ['a'] });
  assert.equal(
    samples.map((s) => s.id),
    ['1.pgm', '4.pgm'],
  );
  assert.equal([...fields[0]!.values], [1, -1, 4, -4]);
});

// Whatever happens to the marks that divide a table, each accepted row is one that was written.
const ROWS = Array.from({ length: 12 }, (_, i) => [`${i}.pgm`, `c${i % 3}`, `p${i % 4}0`]);
const TABLE = `${['file,class,subject', ...ROWS.map((row) => row.join(','))].join('\n')}\n`;

test('damage to a table is refused, or moves no label', async () => {
  images(...ROWS.map(([file]) => file!));
  const marks = [...TABLE.matchAll(/[,\n]/g)].map((m) => m.index);
  const texts = [',', '\n', '"', '\r', '\0', ',,', '""', '\n\n', ',\n'];
  const damage = fc.oneof(
    fc.record({ at: fc.constantFrom(...marks), lost: fc.constant(1), text: fc.constant('') }),
    fc.record({ at: fc.nat(TABLE.length), lost: fc.constant(0), text: fc.constantFrom(...texts) }),
    fc.record({ at: fc.nat(TABLE.length), lost: fc.constant(TABLE.length), text: fc.constant('') }),
  );
  const written = new Map(ROWS.map(([file, name, person]) => [file, [name, person]]));
  let accepted = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(damage, async ({ at, lost, text }) => {
      const damaged = TABLE.slice(0, at) + text + TABLE.slice(at + lost);
      place.write('m.csv', damaged);
      const set = await place.read({ source: manifest('m.csv') }).catch((error: Error) => {
        assert.instance(error, DataError);
        return null;
      });
      if (!set) return void refused++;
      accepted++;
      set.samples.forEach(({ id, label, subject }, i) => {
        const [name, person] = written.get(id)!;
        assert.is(set.classes[label], name);
        // The end of a file that was cut within its last cell cannot be told from a shorter cell.
        const cut = i === set.samples.length - 1 && !damaged.endsWith('\n');
        if (cut) assert.ok(person!.startsWith(subject));
        else assert.is(subject, person);
      });
    }),
    { numRuns: 200, seed: 7 },
  );
  assert.ok(accepted > 5 && refused > 50, `${accepted} accepted, ${refused} refused`);
});

test.run();
