/** @file Sequences and folds of a table: which frames are kept, who is held out, what a fold lacks. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DataIR } from '../../compiler/model/experiment.js';
import { foldCount, foldOf, foldWarnings } from '../../runtime/data/folds.js';
import { checkSequences } from '../../runtime/data/sequences.js';
import { foldsIn, manifest, tablePlace, type TablePlace } from '../support/tables.js';

const test = suite('sequences');
let place: TablePlace;
test.before.each(() => void (place = tablePlace()));
test.after.each(() => place.remove());

/** Frames 1 to n of one sequence per length, listed backward; the numbers are apart so that text order is another. */
function sequences(...lengths: readonly number[]): void {
  const rows = lengths.flatMap((n, s) =>
    Array.from({ length: n }, (_, k) => {
      const file = `s${s}/${k * 5 + 1}.pgm`;
      place.image(file, k);
      return `${file},a,p${s},001,${k * 5 + 1}`;
    }),
  );
  place.write('m.csv', `file,class,subject,sequence,frame\n${rows.toReversed().join('\n')}\n`);
}
const kept = async (frames: DataIR['frames']): Promise<string[]> =>
  (await place.read({ source: manifest('m.csv'), frames })).samples.map((s) => s.id).sort();

test('first, middle and last count frames by number, in each sequence', async () => {
  sequences(7, 4, 2);
  // By number: 1 6 11 16 21 26 31; c = floor(7 / 2) = 3 is frame 16. Of four frames c = 2 is frame 11.
  assert.equal(await kept({ kind: 'middle', count: 3 }), [
    's0/11.pgm',
    's0/16.pgm',
    's0/21.pgm',
    's1/11.pgm',
    's1/16.pgm',
    's1/6.pgm',
    's2/1.pgm',
    's2/6.pgm',
  ]);
  assert.equal(await kept({ kind: 'middle', count: 1 }), ['s0/16.pgm', 's1/11.pgm', 's2/6.pgm']);
  assert.equal(await kept({ kind: 'last', count: 1 }), ['s0/31.pgm', 's1/16.pgm', 's2/6.pgm']);
  assert.equal(await kept({ kind: 'first', count: 1 }), ['s0/1.pgm', 's1/1.pgm', 's2/1.pgm']);
  assert.is((await kept(null)).length, 13);
  const { dropped } = await place.read({ source: manifest('m.csv'), frames: { kind: 'last', count: 3 } });
  assert.equal([dropped[0]!.reason, dropped[0]!.count], ['frames outside last(3)', 5]);
});

test('without numbers frames follow their names, 2 before 10', async () => {
  for (const n of [2, 10, 9]) place.image(`${n}.pgm`);
  place.write('m.csv', 'file,class,sequence\n10.pgm,a,s\n2.pgm,a,s\n9.pgm,a,s\n');
  assert.equal(await kept({ kind: 'last', count: 2 }), ['10.pgm', '9.pgm']);
});

test('frames that are no numbers or there twice are refused; data without sequences has no frames', async () => {
  place.image('1.pgm');
  place.image('2.pgm');
  place.write('m.csv', 'file,class,sequence,frame\n1.pgm,a,s,x\n2.pgm,a,s,\n');
  assert.match(
    await place.refusal({ source: manifest('m.csv') }),
    /line 2: the frame "x" is no number\n.*line 3: the frame "" is no/,
  );
  place.write('m.csv', 'file,class,sequence,frame\n1.pgm,a,s,1\n2.pgm,a,s,1.0\n');
  assert.match(
    await place.refusal({ source: manifest('m.csv') }),
    /line 3: frame 1 of s again, after line 2/,
  );
  place.write('m.csv', 'file,class\n1.pgm,a\n2.pgm,a\n');
  assert.match(
    await place.refusal({ source: manifest('m.csv'), frames: { kind: 'last', count: 3 } }),
    /names no sequences/,
  );
});

test('a sequence of two classes cannot be judged as one', async () => {
  place.image('1.pgm');
  place.image('2.pgm');
  place.write('m.csv', 'file,class,sequence\n1.pgm,a,s\n2.pgm,b,s\n');
  const set = await place.read({ source: manifest('m.csv') });
  assert.throws(
    () => checkSequences(set),
    /sequence s is judged as one, and shows a \(1\.pgm\) and b \(2\.pgm\)/,
  );
});

/** People a to d with one image of each class. */
function people(): void {
  const rows = ['a', 'b', 'c', 'd'].flatMap((p) =>
    ['x', 'y'].map((name) => {
      place.image(`${p}${name}.pgm`);
      return `${p}${name}.pgm,${name},${p}`;
    }),
  );
  place.write('m.csv', `file,class,subject\n${rows.join('\n')}\n`);
}

test('folds from CSV, from a JSON object, and from the manifest itself', async () => {
  people();
  place.write('f.csv', 'fold,subject\n10,a\n2,b\n2,c\n10,d\n2,b\n');
  place.write('f.json', '{"a": 10, "b": 2, "c": 2, "d": 10}');
  for (const file of ['f.csv', 'f.json']) {
    const folds = foldsIn(file)!;
    const set = await place.read({ source: manifest('m.csv'), folds });
    assert.is(foldCount(set, folds), 2);
    // Fold 2 is the first in natural order.
    assert.equal([...foldOf(set, folds)], [1, 1, 0, 0, 0, 0, 1, 1]);
  }
  place.write('own.csv', 'file,class,fold\nax.pgm,x,u\nay.pgm,y,v\n');
  const folds = foldsIn('own.csv')!;
  const set = await place.read({ source: manifest('own.csv'), folds });
  assert.equal([...foldOf(set, folds)], [0, 1]);
});

test('people in no fold are an error that tells whom the file has instead; people without images a note', async () => {
  people();
  place.write('f.csv', 'subject,fold\nA,1\nb,1\nc,2\nd,2\n');
  const folds = foldsIn('f.csv')!;
  const set = await place.read({ source: manifest('m.csv'), folds });
  assert.match(place.notes.join(), /1 people of .*f\.csv are not in set:\n {2}A/);
  assert.throws(
    () => foldOf(set, folds),
    /1 of the 4 people of set are in no fold of .*f\.csv:\n {2}a\n1 people there are not in set:\n {2}A/,
  );
});

test('a file of folds that contradicts itself, has one fold, or is not whole', async () => {
  people();
  const refused = async (text: string): Promise<string> => {
    place.write('f.csv', text);
    return place.refusal({ source: manifest('m.csv'), folds: foldsIn('f.csv') });
  };
  assert.match(
    await refused('subject,fold\na,1\na,2\nb\nc,\n'),
    /3 rows.*line 3: a is in fold 2 here and in fold 1 before\n {2}line 4: 1 cell.*\n {2}line 5: no fold/s,
  );
  assert.match(await refused('subject,fold\na,1\nb,1\n'), /names 1 folds; at least two/);
  assert.match(await refused('who,fold\na,1\n'), /no column subject or file or path/);
  assert.match(
    await place.refusal({ source: manifest('m.csv'), folds: foldsIn('none.csv') }),
    /there is no file of folds .*none\.csv/,
  );
});

test('folds that lack a class, or hold one alone, or are empty', () => {
  const sample = (label: number) => ({ id: '', label, subject: '', sequence: '' });
  const set = { classes: ['x', 'y', 'z'], samples: [0, 1, 0, 1, 2].map(sample) };
  assert.equal(foldWarnings(set, Int32Array.of(0, 0, 1, 1, 1), 3), [
    'fold 1 has no image of z',
    'z is in fold 2 alone: while that is held out, it is not learned',
    'fold 3 is empty',
  ]);
  const even = { ...set, samples: [0, 1, 2, 0, 1, 2].map(sample) };
  assert.equal(foldWarnings(even, Int32Array.of(0, 0, 0, 1, 1, 1), 2), []);
});

test.run();
