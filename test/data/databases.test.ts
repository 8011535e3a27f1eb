/** @file Databases in their own layouts: whole ones by the facts that are published, miniatures with their irregularities, and damaged ones. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DATABASES, type DatabaseKind } from '../../compiler/model/databases.js';
import type { DataIR } from '../../compiler/model/experiment.js';
import { FER_PLUS_CLASSES } from '../../compiler/model/sources.js';
import { completeness } from '../../runtime/data/databases/completeness.js';
import type { Dataset } from '../../runtime/data/dataset.js';
import { writeLayout, type LayoutName } from '../../runtime/data/faces/layouts/write-layout.js';
import { foldOf } from '../../runtime/data/folds.js';
import { CK_PLUS } from '../support/ck-plus.js';
import { tablePlace, type TablePlace } from '../support/tables.js';
import { processorTime } from '../support/processor-time.js';

const test = suite('databases');
let place: TablePlace;
test.before.each(() => void (place = tablePlace()));
test.after.each(() => place.remove());

/** As the compiler would give it to the runtime. */
function block(source: DataIR['source'], more: Partial<DataIR> = {}): Partial<DataIR> {
  const database = DATABASES[source.kind as DatabaseKind];
  return { source, classes: database?.classes ?? null, frames: database?.frames ?? null, ...more };
}

const ckPlus = (more?: Partial<DataIR>): Partial<DataIR> => block({ kind: 'ck_plus', path: '.' }, more);
const mini = (layout: LayoutName, people: number): Promise<number> =>
  writeLayout(join(place.path, layout), { layout, people, seed: 3, preset: 'easy' });
const dropped = (set: Dataset): Record<string, number> =>
  Object.fromEntries(set.dropped.map(({ reason, count }) => [reason, count]));
const sequences = (set: Dataset): Map<string, string> =>
  new Map(set.samples.map(({ sequence, label }) => [sequence, set.classes[label]!]));

/** The emotion file of a sequence, as MATLAB writes numbers. */
const label = (person: string, number: string, frame: number, text: string): void =>
  place.write(`Emotion/${person}/${number}/${person}_${number}_0000000${frame}_emotion.txt`, text);
const frame = (person: string, number: string, n: number, as = person): void =>
  place.image(`cohn-kanade-images/${person}/${number}/${as}_${number}_0000000${n}.png`, n);

test('CK+: the 327 labelled sequences of 118 people, and their published folds', async () => {
  for (const { person, number, class: name } of CK_PLUS) {
    for (let n = 1; n <= 4; n++) frame(person, number, n);
    label(person, number, 4, `   ${1 + DATABASES.ck_plus.classes.indexOf(name)}.0000000e+00\n`);
  }
  const set = await place.read(ckPlus());
  assert.is(set.samples.length, 3 * 327);
  const found = sequences(set);
  assert.is(found.size, DATABASES.ck_plus.sequences);
  for (const { person, number, class: name } of CK_PLUS) assert.is(found.get(`${person}/${number}`), name);
  assert.equal(
    DATABASES.ck_plus.classes.map((name) => [...found.values()].filter((c) => c === name).length),
    DATABASES.ck_plus.perClass,
  );
  assert.is(new Set(set.samples.map((s) => s.subject)).size, DATABASES.ck_plus.people);
  // The last three, whose brightness is their number.
  for (const [i, { id }] of set.samples.entries())
    assert.is(set.pixels[4 * i], Number(/(\d+)\.png$/.exec(id)![1]));
  assert.ok(set.samples.every(({ id }) => !id.endsWith('00000001.png')));

  const perFold = (folds: NonNullable<DataIR['folds']>): number[] => {
    const fold = foldOf(set, folds);
    return Array.from(
      { length: 10 },
      (_, k) => new Set(set.samples.filter((_, i) => fold[i] === k).map((s) => s.sequence)).size,
    );
  };
  assert.equal(perFold({ kind: 'blocks', count: 10, seed: 1 }), [37, 38, 39, 37, 30, 30, 29, 42, 20, 25]);
  assert.equal(perFold({ kind: 'strided', count: 10, seed: 1 }), [33, 39, 40, 35, 30, 37, 29, 29, 33, 22]);
  // Contempt: nine sequences in each of the last two blocks, none before; the first is of person 99 of 118.
  const blocks = foldOf(set, { kind: 'blocks', count: 10, seed: 1 });
  const contempt = set.classes.indexOf('contempt');
  const where = set.samples.flatMap((s, i) => (s.label === contempt ? [blocks[i]!] : []));
  assert.equal([where.filter((k) => k === 8).length, where.filter((k) => k === 9).length], [27, 27]);
  assert.is(where.length, 54);
  const people = [...new Set(set.samples.map((s) => s.subject))].sort();
  const first = people.indexOf(
    set.samples
      .filter((s) => s.label === contempt)
      .map((s) => s.subject)
      .sort()[0]!,
  );
  assert.equal([first + 1, people[first]], [99, 'S138']);
  // The first block: 12 people, 37 sequences of six classes.
  const inFirst = [...sequences({ ...set, samples: set.samples.filter((_, i) => blocks[i] === 0) }).values()];
  assert.equal(
    set.classes.map((name) => inFirst.filter((c) => c === name).length),
    [10, 0, 5, 2, 8, 3, 9],
  );
});

test('CK+ in miniature: labels here and there, stray files, gray and colour, two sizes', async () => {
  await mini('ck_plus', 3);
  const set = await place.read(block({ kind: 'ck_plus', path: 'ck_plus' }, { resize: [32, 28] }));
  assert.is(set.samples.length, 3 * 4 * 3);
  assert.is(sequences(set).size, 12);
  const { 'sequences without a label': unlabelled, ...rest } = dropped(set);
  // One more of the first person, and all five of a fourth.
  assert.equal([unlabelled, Object.keys(rest)], [1 + 5, ['frames outside last(3)']]);
  assert.equal(
    set.sizes.map(({ height, width }) => [height, width]),
    [
      [128, 110],
      [131, 110],
    ],
  );
  assert.ok(set.dropped.every((d) => !d.damaged));
  assert.is(set.remarks!.length, 0);
});

test('CK+: a label that cannot be used costs its sequence and no other', async () => {
  const damage: readonly (readonly [number: string, text: string, told: RegExp])[] = [
    ['001', '', /S005_001_00000003_emotion\.txt: it is empty/],
    ['002', '8.0', /"8.0" is not a number from 0 to 7/],
    ['003', '1.5', /"1.5" is not/],
    ['004', '3 4', /"3 4" is not/],
    ['005', '\x00\x00\x00', /is not a number/],
    ['006', 'anger', /"anger" is not/],
  ];
  for (const [number, text] of damage) {
    for (let n = 1; n <= 3; n++) frame('S005', number, n);
    label('S005', number, 3, text);
  }
  for (const [i, number] of ['007', '008', '009'].entries()) {
    for (let n = 1; n <= 3; n++) frame('S005', number, n);
    label('S005', number, 3, `   ${i + 1}.0000000e+00`);
  }
  // Two labels; the label of another; images of another; no images.
  label('S005', '008', 2, '1');
  place.write('Emotion/S005/009/S005_001_00000003_emotion.txt', '4');
  label('S010', '001', 3, '5');
  for (let n = 1; n <= 3; n++) frame('S011', '001', n, n === 3 ? 'S012' : 'S011');
  label('S011', '001', 3, '6');
  const set = await place.read(ckPlus({ classes: ['anger', 'sadness'] }));
  assert.equal(
    [...sequences(set)],
    [
      ['S005/007', 'anger'],
      ['S011/001', 'sadness'],
    ],
  );
  assert.is(set.samples.length, 5);
  const told = set.dropped.filter((d) => d.damaged);
  assert.equal(
    told.map(({ reason, count }) => [reason, count]),
    [
      ['sequences whose label cannot be used', 8],
      ['labels of sequences without images', 1],
      ['images whose name is that of another sequence', 1],
    ],
  );
  for (const [i, [, , message]] of damage.entries()) assert.match(told[0]!.items[i]!, message);
  assert.equal(
    set.remarks!.map((r) => r.items),
    [['S011/001: it ends with frame 2, and frame 3 is labelled']],
  );
  assert.match(place.notes.join('\n'), /S011\/001: it ends with frame 2/);
});

test('CK+: neutral faces are the first frames, where `classes` lists them', async () => {
  for (let n = 1; n <= 4; n++) frame('S005', '001', n);
  label('S005', '001', 4, '7');
  const set = await place.read(ckPlus({ classes: ['neutral', 'surprise'] }));
  assert.equal(
    set.samples.map(({ id, label: l, sequence }) => [
      Number(/(\d+)\.png$/.exec(id)![1]),
      set.classes[l],
      sequence,
    ]),
    [
      [1, 'neutral', 'S005/001/neutral'],
      [2, 'surprise', 'S005/001'],
      [3, 'surprise', 'S005/001'],
      [4, 'surprise', 'S005/001'],
    ],
  );
});

test('CK+: faces are aligned by the points of the folder Landmarks; a file of them that is cut off costs its image', async () => {
  await mini('ck_plus', 1);
  const align = { kind: 'landmarks', height: 64, width: 56, template: 'scaled' } as const;
  const read = () =>
    place.read(block({ kind: 'ck_plus', path: 'ck_plus' }, { align, classes: ['anger', 'disgust'] }));
  const before = await read();
  assert.equal([before.height, before.width, before.samples.length], [64, 56, 6]);
  const [first, second] = before.samples.map(({ id }) =>
    join(place.path, 'ck_plus/Landmarks', id.replace('.png', '_landmarks.txt')),
  );
  // Five whole lines would pass for five points.
  const lines = readFileSync(first!, 'utf8').split('\n');
  assert.is(lines.filter((line) => line.trim() !== '').length, 68);
  writeFileSync(first!, lines.slice(0, 5).join('\n'));
  writeFileSync(second!, 'eyes\n');
  const after = await read();
  assert.is(after.samples.length, 4);
  const [lost] = after.dropped.filter((d) => d.damaged);
  assert.match(lost!.items[0]!, /\(its file has 5 landmarks, and not 68\)/);
  assert.match(lost!.items[1]!, /\(its landmarks have a line "eyes"/);
});

test('CK+ elsewhere: what is missing is said', async () => {
  assert.match(await place.refusal(ckPlus()), /has no folder cohn-kanade-images/);
  frame('S005', '001', 1);
  assert.match(await place.refusal(ckPlus()), /has no folder Emotion/);
  place.write('Emotion/.DS_Store', 'x');
  assert.match(
    await place.refusal(ckPlus()),
    /no labelled images .*\n {2}1 sequences without a label: S005\/001/,
  );
});

test('BU-3DFE in miniature: the last two levels of six expressions, neutral where it is listed', async () => {
  await mini('bu_3dfe', 2);
  const source = { kind: 'bu_3dfe', path: 'bu_3dfe' } as const;
  const set = await place.read(block(source));
  assert.is(set.samples.length, 2 * 6 * 2);
  assert.equal([...new Set(set.samples.map((s) => s.subject))], ['F0001', 'F0002']);
  assert.ok(set.samples.every(({ id }) => /_[A-Z]{2}0[34]WH_|_[A-Z]{2}0[34]AE_/.test(id)));
  for (const { id, label: l, sequence, subject } of set.samples) {
    const name = set.classes[l]!;
    assert.is(/_([A-Z]{2})\d/.exec(id)![1]!.toLowerCase(), name.slice(0, 2));
    assert.is(sequence, `${subject}/${name}`);
  }
  assert.is(sequences(set).size, 12);
  const all = await place.read(
    block(source, { classes: [...DATABASES.bu_3dfe.classes, 'neutral'], frames: null }),
  );
  assert.is(all.samples.length, 2 * 25);
});

test('BU-3DFE: names that tell another person, no expression or no level are left out and told', async () => {
  for (const name of [
    'F0001_AN04WH_F2D',
    'F0002_AN04WH_F2D',
    'F0001_XX04WH_F2D',
    'F0001_HA05WH_F2D',
    'F0001_an04WH_F2D',
    'holiday',
  ])
    place.image(`F0001/${name}.bmp`);
  place.image('notes/F0001_AN03WH_F2D.bmp');
  const set = await place.read(block({ kind: 'bu_3dfe', path: '.' }, { classes: ['anger'] }));
  assert.equal(
    set.samples.map((s) => s.id),
    ['F0001/F0001_an04WH_F2D.bmp'],
  );
  assert.equal(dropped(set), {
    'files and folders that are no person': 1,
    'images of an expression and level that is there already': 1,
    'images whose name is that of another person': 1,
    'images whose name tells no expression and level': 2,
    'images that are not named as F0001/F0001_AN04WH_F2D.bmp': 1,
  });
});

test('Oulu-CASIA in miniature: by camera, light and cut; of the cropped sequences one is missing', async () => {
  await mini('oulu_casia', 2);
  const source = {
    kind: 'oulu_casia',
    path: 'oulu_casia',
    camera: 'vl',
    light: 'strong',
    images: 'original',
  } as const;
  const set = await place.read(block(source));
  assert.equal([sequences(set).size, set.samples.length], [12, 36]);
  for (const { id, label: l } of set.samples) assert.is(id.split('/')[1]!.toLowerCase(), set.classes[l]);
  assert.equal(
    set.samples.filter((s) => s.sequence === 'P001/anger').map((s) => s.id),
    ['P001/Anger/001.jpeg', 'P001/Anger/002.jpeg', 'P001/Anger/003.jpeg'],
  );
  const cropped = await place.read(block({ ...source, images: 'cropped' }));
  assert.is(sequences(cropped).size, 11);
  assert.equal(
    cropped.dropped.filter((d) => d.damaged).map((d) => [d.reason, d.items]),
    [['sequences without images', ['P002/Fear']]],
  );
  const weak = await place.read(block({ ...source, light: 'weak' }, { classes: ['anger'] }));
  assert.is(weak.samples.length, 3);
  assert.match(
    await place.refusal(block({ ...source, light: 'dark' })),
    /has no folder OriginalImg\/VL\/Dark/,
  );
});

const session = (id: number, view: string, more = ''): void =>
  place.write(
    `Sessions/${id}/session.xml`,
    `<session><subject id="9"/><track view="${view}">${more}</track></session>`,
  );
const clip = (id: number, stem: string, value: string, frames = 5): void => {
  place.write(`Sessions/${id}/${stem}.xml`, `<Clip><Metatag Name="Emotion" Value="${value}"/></Clip>`);
  for (let n = 1; n <= frames; n++) place.image(`Sessions/${id}/${stem}/${n}.png`, n);
};
const mmi = (more?: Partial<DataIR>, path = '.'): Partial<DataIR> =>
  block({ kind: 'mmi', path, view: 'any_front' }, more);

test('MMI: views, emotions, people, and the three frames in the middle', async () => {
  const coded = '<annotation filename="x-oao_aucs.xml"/>';
  for (let code = 1; code <= 6; code++) {
    session(code, code === 2 ? '2' : '0', coded);
    clip(code, `S00${code}-001`, String(code), 7);
  }
  session(10, '1', coded);
  clip(10, 'S001-002', '1');
  session(11, '0', coded);
  clip(11, 'S001-003', '13');
  const set = await place.read(mmi());
  assert.equal(
    [...sequences(set)],
    DATABASES.mmi.classes.map((name, i) => [String(i + 1), name]),
  );
  assert.equal(
    [...new Set(set.samples.map((s) => s.subject))],
    ['S001', 'S002', 'S003', 'S004', 'S005', 'S006'],
  );
  assert.equal([...set.pixels].filter((_, i) => i % 4 === 0).slice(0, 3), [3, 4, 5]);
  assert.equal(dropped(set), {
    'sessions in profile': 1,
    'sessions that show none of the six expressions': 1,
    'frames outside middle(3)': 24,
  });
  const dual = await place.read(block({ kind: 'mmi', path: '.', view: 'dual' }, { classes: ['disgust'] }));
  assert.equal([...sequences(dual)], [['2', 'disgust']]);
});

test('MMI in miniature: sessions on their side stand upright, as the others', async () => {
  await mini('mmi', 2);
  const set = await place.read(
    mmi({ classes: DATABASES.mmi.classes.filter((name) => name !== 'surprise') }, 'mmi'),
  );
  assert.equal(set.sizes, [{ height: 128, width: 110, count: 18 }]);
  // Person 2 lies in one session; its pictures are those of the other persons' camera: dark hair or sky above, chin below.
  const lying = set.samples.findIndex((s) => s.subject === 'S002');
  const size = set.height * set.width;
  const of = (i: number): Uint8Array => set.pixels.subarray(i * size, (i + 1) * size);
  const same = set.samples.findIndex((s, i) => s.subject === 'S002' && i >= lying + 3);
  const distance = (a: Uint8Array, b: Uint8Array): number =>
    a.reduce((sum, x, i) => sum + Math.abs(x - b[i]!), 0) / size;
  assert.ok(distance(of(lying), of(same)) < distance(of(lying), of(same).toReversed()));
  assert.equal(
    set.dropped.filter((d) => d.damaged).map((d) => d.items),
    [['7/session.xml: it is not there']],
  );
});

test('MMI in miniature: a session in both views is twice as wide, and is read or left out as the view says', async () => {
  await mini('mmi', 5);
  const read = (view: 'any_front' | 'front' | 'dual', classes = [...DATABASES.mmi.classes]) =>
    place.read(block({ kind: 'mmi', path: 'mmi', view }, { classes, resize: [16, 14] }));
  const both = (set: Dataset): string[] =>
    set.sizes.filter(({ width }) => width === 220).map(({ count }) => `${count}`);
  const any = await read('any_front');
  const front = await read('front');
  assert.equal([both(any), both(front)], [['3'], []]);
  assert.is(sequences(any).size, sequences(front).size + 1);
  assert.is(dropped(front)['sessions in dual view'], 1);
  const [[session, name]] = [...sequences(any)].filter(([id]) => !sequences(front).has(id)) as [
    [string, string],
  ];
  const dual = await read('dual', [name]);
  assert.equal([...sequences(dual)], [[session, name]]);
  assert.equal(both(dual), ['3']);
});

test('MMI: a bomb, a broken or a missing description costs its session, at once', async () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${Array.from(
    { length: 9 },
    (_, i) => `<!ENTITY ${String.fromCharCode(98 + i)} "${`&${String.fromCharCode(97 + i)};`.repeat(10)}">`,
  ).join('')}]><session><track view="&j;"/></session>`;
  const deep = `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`;
  const wrong: readonly (readonly [text: string, told: RegExp])[] = [
    [bomb, /1\/session\.xml: it declares a document type/],
    [deep, /2\/session\.xml: it /],
    ['<session><track view="0">', /3\/session\.xml: line 1 is not well-formed/],
    ['<session><track view="7"/></session>', /4\/session\.xml: the view "7" is none of 0, 1 and 2/],
    [' ', /5\/session\.xml: /],
    ['', /6\/session\.xml: it is empty/],
    ['x'.repeat(2 ** 20 + 1), /7\/session\.xml: it is larger than 1 MiB/],
  ];
  for (const [i, [text]] of wrong.entries()) {
    clip(i + 1, 'S001-001', '1');
    place.write(`Sessions/${i + 1}/session.xml`, text);
  }
  session(20, '0');
  clip(20, 'S001-001', 'x');
  session(21, '0');
  clip(21, 'S001-001', '1', 0);
  session(22, '0');
  clip(22, 'S001-001', '6');
  const took = processorTime();
  const set = await place.read(mmi({ classes: ['surprise'] }));
  assert.ok(took() < 20_000);
  assert.equal([...sequences(set)], [['22', 'surprise']]);
  const [descriptions, frames] = set.dropped.filter((d) => d.damaged);
  assert.is(descriptions!.count, wrong.length + 1);
  for (const [i, [, told]] of wrong.entries()) assert.match(descriptions!.items[i]!, told);
  assert.match(descriptions!.items.at(-1)!, /20\/S001-001\.xml: the emotion "x" is no number/);
  assert.equal([frames!.reason, frames!.items], ['sessions without extracted frames', ['21']]);
});

test('MMI as a table: subject, session, emotion, frame', async () => {
  const rows = [1, 2, 3, 4, 5].flatMap((n) => {
    place.image(`f/a${n}.png`, n);
    place.image(`f/b${n}.png`, n);
    return [`S001,12,4,f/a${n}.png`, `S002,13,8,f/b${n}.png`];
  });
  place.write('mmi.csv', `subject,session,emotion,frame\n${rows.join('\n')}\n`);
  const set = await place.read(mmi({ classes: ['happiness'] }, 'mmi.csv'));
  assert.equal(
    set.samples.map((s) => [s.id, s.subject]),
    [2, 3, 4].map((n) => [`f/a${n}.png`, 'S001']),
  );
  place.write('mmi.csv', `subject,session,emotion,frame\nS001,12,glee,f/a1.png\n`);
  assert.match(await place.refusal(mmi({}, 'mmi.csv')), /line 2: .* the emotion "glee" is none of/);
});

test('what is found stands beside what should be there', async () => {
  const level = (person: string, code: string, n: number): void =>
    place.image(`${person}/${person}_${code}0${n}WH_F2D.bmp`, n);
  for (const { everybody } of [DATABASES.bu_3dfe])
    for (const person of everybody!)
      for (const code of ['AN', 'DI', 'FE', 'HA', 'SA', 'SU'])
        if (person !== 'F0007' && `${person}/${code}` !== 'M0044/SU') level(person, code, 4);
  const data = block({ kind: 'bu_3dfe', path: '.' }, { folds: null });
  const found = completeness(await place.read(data), data as DataIR)!;
  assert.equal(found.missing, ['F0007', 'M0044/surprise']);
  assert.equal(found.counts.slice(0, 2), [
    { what: 'people', found: 99, expected: 100 },
    { what: 'sequences', found: 593, expected: 600 },
  ]);
  assert.equal(found.counts.at(-1), { what: 'surprise', found: 98, expected: 100 });
});

test('FER2013: images beside the published counts, of all, of a part, and by class for training', async () => {
  const samples = (perClass: readonly number[]) =>
    perClass.flatMap((n, label) =>
      Array.from({ length: n }, (_, i) => ({ id: `${label}/${i}`, subject: '', sequence: '', label })),
    );
  const classes = ['anger', 'disgust', 'fear', 'happiness', 'sadness', 'surprise', 'neutral'];
  const source = (part: 'all' | 'training' | 'public' | 'private') =>
    ({ source: { kind: 'fer2013', path: '.', part } }) as const;
  const training = samples([3995, 436, 4097, 7215, 4830, 3171, 4965]);
  const whole = completeness({ samples: training, classes }, source('training'))!;
  assert.is(whole.title, 'FER2013, part training');
  assert.equal(whole.counts[0], { what: 'images', found: 28_709, expected: 28_709 });
  assert.is(whole.counts.length, 8);
  assert.ok(whole.counts.every(({ found, expected }) => found === expected));
  const short = completeness({ samples: training.slice(1), classes }, source('training'))!;
  assert.equal(
    short.counts.filter(({ found, expected }) => found !== expected).map(({ what }) => what),
    ['images', 'anger'],
  );
  for (const [part, expected] of [
    ['all', 35_887],
    ['public', 3_589],
    ['private', 3_589],
  ] as const)
    assert.equal(completeness({ samples: training, classes }, source(part))!.counts, [
      { what: 'images', found: 28_709, expected },
    ]);
  // Of some of the classes, all that can be counted is these.
  const some = completeness({ samples: samples([436]), classes: ['disgust'] }, source('training'))!;
  assert.equal(some.counts, [{ what: 'disgust', found: 436, expected: 436 }]);
});

test('truncated images cost themselves, in every layout', async () => {
  await mini('bu_3dfe', 1);
  const file = join(place.path, 'bu_3dfe/F0001/F0001_AN04WH_F2D.bmp');
  writeFileSync(file, readFileSync(file).subarray(0, 2000));
  const set = await place.read(block({ kind: 'bu_3dfe', path: 'bu_3dfe' }));
  assert.is(set.samples.length, 11);
  const bad = set.dropped.find((d) => d.reason === 'images that could not be read')!;
  assert.match(bad.items[0]!, /F0001_AN04WH_F2D\.bmp \(BMP is cut off: 2000 of /);
});

test('FER+ in miniature: classes by majority, votes in the order of the classes of the block', async () => {
  await mini('fer2013', 2);
  const source = { kind: 'fer_plus', path: 'fer2013', votes: 'fer2013new.csv', part: 'all' } as const;
  const classes = ['happiness', 'anger', 'neutral'];
  const set = await place.read(block(source, { classes }));
  const rows = readFileSync(join(place.path, 'fer2013/fer2013new.csv'), 'utf8').trim().split('\n').slice(1);
  const columns = 'neutral happiness surprise sadness anger disgust fear contempt unknown NF'.split(' ');
  const [votes] = set.fields;
  assert.equal([votes!.name, votes!.shape], ['votes', [3]]);
  assert.ok(set.samples.length > 10);
  for (const [i, { id, label: l }] of set.samples.entries()) {
    const cells = rows[Number(id.slice(3))]!.split(',').slice(2).map(Number);
    const counted = new Map(columns.map((name, k) => [name, cells[k]! > 1 ? cells[k]! : 0]));
    const total = [...counted.values()].reduce((a, b) => a + b, 0);
    assert.ok(2 * counted.get(classes[l]!)! > total);
    const own = classes.map((name) => counted.get(name)!);
    const sum = own.reduce((a, b) => a + b, 0);
    own.forEach((n, k) => assert.is(votes!.values[3 * i + k], Math.fround(n / sum)));
  }
  // All eight classes are there, also the one that FER2013 does not have.
  const all = await place.read(block(source, { classes: [...FER_PLUS_CLASSES] }));
  assert.ok(all.samples.some((s) => all.classes[s.label] === 'contempt'));
});

test('FER+: votes that do not belong to the rows are refused', async () => {
  const face = Array.from({ length: 48 * 48 }, () => 9).join(' ');
  place.write('fer2013.csv', `emotion,pixels,Usage\n3,${face},Training\n0,${face},PublicTest\n`);
  const header =
    'Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n';
  const good = [
    'Training,fer0000000.png,1,8,0,0,0,0,0,0,1,0',
    'PublicTest,fer0000001.png,0,0,0,0,6,4,0,0,0,0',
  ];
  const source = { kind: 'fer_plus', path: '.', votes: 'fer2013new.csv', part: 'all' } as const;
  const read = (rows: readonly string[], part: 'all' | 'training' = 'all'): Promise<string> => {
    place.write('fer2013new.csv', header + rows.join('\n'));
    return place.refusal({ source: { ...source, part } });
  };
  assert.match(await read([good[0]!]), /has 1 rows and .* 2/);
  assert.match(
    await read([good[1]!, good[0]!]),
    /line 2: the image is "fer0000001.png", and the row of fer0000000 is due/,
  );
  assert.match(
    await read([good[0]!, good[1]!.replace(',6,4', ',six,4')]),
    /line 3: "six" is no number of votes for anger/,
  );
  assert.match(
    await read([good[0]!.replace('Training,fer0000000.png', 'PublicTest,'), good[1]!], 'training'),
    /is of part training/,
  );
  place.write('fer2013new.csv', header + good.join('\n'));
  const set = await place.read(block(source, { classes: ['anger', 'happiness'] }));
  assert.equal(
    set.samples.map((s) => set.classes[s.label]),
    ['happiness', 'anger'],
  );
  // Who is alone with a vote is not counted.
  assert.equal([...set.fields[0]!.values], [0, 1, 1, 0]);
});

test.run();
