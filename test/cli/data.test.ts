/** @file `ed2lc data inspect` on good and bad data, and a run on a manifest: soft labels, folds from a file, decisions per sequence. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { workplace, type Workplace } from '../support/command-line.js';

const test = suite('data');
let place: Workplace;

const SPEC = `model soft {
  input face  : image[2, 2, 1]
  input votes : vector[2]
  label mood  : class[2]
  group net = flatten() |> dense(2)
  z = net(face)
  loss task = cross_entropy(z, votes) updates net
  predict mood = softmax(z)
  train { minimize task using adam(rate: 0.1)  batch 8  epochs 20 }
}
data faces {
  source  manifest("faces.csv")
  classes dark, bright
  frames  last(3)
  folds   file("faces.csv")
}
data broken { source manifest("broken.csv") }
experiment moods {
  model soft
  train on faces
  score sequence(frames: vote)
}
`;

/** Two people for each of two folds; of each class one sequence of four frames. One file is missing, one is text, one is there twice. */
function table(): string {
  const rows = ['file,class,subject,fold,sequence,frame,votes,remark'];
  for (const [p, person] of ['ann', 'bob', 'cem', 'dia'].entries())
    for (const [c, name] of ['dark', 'bright'].entries())
      for (let frame = 1; frame <= 4; frame++) {
        const file = `${person}/${name} ${frame}.pgm`;
        const gray = 30 + 170 * c + 4 * p + frame;
        place.write(file, `P2 2 2 255\n${gray} ${gray} ${gray} ${gray}\n`);
        rows.push(
          `${file},${name},${person},${p % 2 === 0 ? 'A' : 'B'},${name},${frame},"[${1 - c}, ${c}]",none`,
        );
      }
  place.write('ann/dark 4.pgm', 'P2 2 2 255\n');
  place.write('dia/bright 4.pgm', 'P2 2 2 255\n38 38 38 38\n');
  rows.push('gone.pgm,dark,ann,A,dark,5,"[1, 0]",none', 'ann/bright 1.pgm.not,other,ann,A,x,1,"[1, 0]",none');
  place.write('ann/bright 1.pgm.not', 'P2 2 2 255\n1 1 1 1\n');
  return `${rows.join('\n')}\n`;
}

test.before(() => {
  place = workplace({ 'soft.ed2l': SPEC, 'broken.csv': 'file,class\na.pgm\nb.pgm\n' });
  place.write('faces.csv', table());
  place.write('dia/bright 4.pgm', readFileSync(join(place.path, 'cem/bright 4.pgm'), 'utf8'));
});
test.after(() => place.remove());

test('inspect shows what is there and what is not, goes on after data it cannot use, and exits with 4', async () => {
  const { code, stdout, stderr } = await place.ed2lc(['data', 'inspect', 'soft.ed2l']);
  assert.is(code, 4, stderr);
  assert.match(
    stderr,
    /error: data broken cannot be used: 2 rows of .*broken\.csv cannot be used, and so none is:\n {2}line 2: 1 cell, and the header names 2\n/,
  );
  for (const line of [
    /^data faces: manifest faces\.csv$/m,
    /^ {2}23 images in 8 sequences of 4 people, 2 classes, 2 by 2, gray$/m,
    /^ {2}dark +11 +4 +1\.045$/m,
    /^ {2}weights: \[1\.045, 0\.9583\]$/m,
    /^ {2}A +11 +2 +5 +6$/m,
    /^ {2}fields: votes \(2\)$/m,
    /^ {2}remark is no field: line 2 has "none", which is no number$/m,
    /^ {2}left out: images that are not there \(1\)\n {4}faces\.csv line 34: gone\.pgm$/m,
    /^ {2}left out: images of class other, which is not listed \(1\)$/m,
    /^ {2}left out: frames outside last\(3\) \(8\)$/m,
    /^ {2}left out: images that could not be read \(1\)\n {4}faces\.csv line 5: ann\/dark 4\.pgm \(PGM has no number/m,
    /^ {2}the same image more than once: 1 case, 1 across folds, 1 across people\n {4}cem\/bright 4\.pgm = dia\/bright 4\.pgm$/m,
  ])
    assert.match(stdout, line);
  const [, mean, by] = /pixels scaled\(mean: ([\d.]+), by: ([\d.]+)\)/.exec(stdout)!;
  assert.ok(Math.abs(Number(mean) - 132) < 15 && Math.abs(Number(by) - 85) < 3, `${mean} ${by}`);
});

test('inspect --json of one block has all of it', async () => {
  const { code, stdout, stderr } = await place.ed2lc(['data', 'inspect', 'soft.ed2l', 'faces', '--json']);
  assert.is(code, 0, stderr);
  const [found] = JSON.parse(stdout);
  assert.equal(
    [found.name, found.images, found.people.length, found.dropped.length, found.folds[1].classes],
    ['faces', 23, 4, 4, [6, 6]],
  );
  const frames = found.dropped.find((d: { reason: string }) => d.reason.startsWith('frames'));
  assert.is(frames.items.length, 8);
});

test('a block that is not there is a wrong command', async () => {
  const { code, stderr } = await place.ed2lc(['data', 'inspect', 'soft.ed2l', 'facs']);
  assert.is(code, 2);
  assert.match(stderr, /has no data block facs; it has faces, broken/);
});

test('a run reads fields, holds the folds of the file out, and decides once per sequence', async () => {
  const { code, stderr } = await place.ed2lc(['run', 'soft.ed2l', '--engine', 'cpu', '--fold', 'all']);
  assert.is(code, 0, stderr);
  assert.match(
    stderr,
    /note: faces: images that are not there, left out \(1 of 24\):\n {2}faces\.csv line 34: gone\.pgm/,
  );
  const result = JSON.parse(readFileSync(join(place.path, 'runs/moods-001/result.json'), 'utf8'));
  assert.equal(
    result.tasks.map((t: { decisions: { sample: string; label: number; predicted: number }[] }) =>
      t.decisions.map((d) => [d.sample, d.label, d.predicted]),
    ),
    [
      ['ann', 'cem'],
      ['bob', 'dia'],
    ].map((people) =>
      people.flatMap((p) => [
        [`${p}/dark`, 0, 0],
        [`${p}/bright`, 1, 1],
      ]),
    ),
  );
});

test('a field that a model reads and the data lacks is told with its first wrong cell', async () => {
  place.write('soft.ed2l', SPEC.replaceAll('votes', 'remark'));
  const { code, stderr } = await place.ed2lc(['run', 'soft.ed2l', '--engine', 'cpu']);
  assert.is(code, 4);
  assert.match(
    stderr,
    /faces has no field remark, and the input remark of soft reads 2 numbers: the column is no field, for line 2 has "none"/,
  );
});

test.run();
