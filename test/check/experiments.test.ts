/** @file Data blocks and experiments: settings, class lists and sizes against the model, what is tested on what. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Checked } from '../../compiler/check/check.js';
import { found, small } from '../support/small.js';
import type { DataIR } from '../../compiler/model/experiment.js';
import { checkText, errorsOf } from '../support/specs.js';

const FOLDS = 'folds blocks(3, by: subject)';
const dataOf = (settings: string): Checked => checkText(`data d { ${settings} }`);
const data = (settings: string): string[] => found(dataOf(settings));

/** The usual small model reads 8 by 8 images of 2 channels; here of one, and three classes. */
function experiment(lines: string, more = '', model = ''): Checked {
  return checkText(`${small(`input x : image[8, 8, 1]\npredict y = softmax(z)\n${model}`)}
    data d { source folder("a") classes a, b, c resize to(8, 8) ${FOLDS} }
    data whole { source folder("b") classes a, b, c resize to(8, 8) }
    data four { source folder("c") classes a, b, c, d resize to(8, 8) ${FOLDS} }
    data large { source folder("c") classes a, b, c resize to(9, 8) ${FOLDS} }
    data rgb { source folder("c") classes a, b, c resize to(8, 8) color rgb() ${FOLDS} }
    data unknown { source folder("c") resize to(8, 8) ${FOLDS} }
    ${more}
    experiment e { ${lines} }`);
}
const told = (lines: string, more = '', model = ''): string[] => found(experiment(lines, more, model));

test('a data block with everything', () => {
  const checked = dataOf(`source folder("pictures", pattern: "class/subject_*") classes 0, happy, sad
    resize to(64, 56) color rgb() pixels scaled(mean: 127.5, by: 128) crops ten(56, 48)
    augment flip(), shift(2), rotate(10), jitter(0.1) balance sampler() folds shuffled(5, by: subject, seed: 3)`);
  assert.equal(found(checked), []);
  const ir = checked.data.get('d')!;
  assert.equal(ir.classes, ['0', 'happy', 'sad']);
  assert.equal(ir.crops, { kind: 'ten', height: 56, width: 48 });
  assert.equal(ir.folds, { kind: 'shuffled', count: 5, seed: 3 });
  assert.is(ir.augment.length, 4);
});

for (const [settings, wrong] of [
  ['classes a, b', 'ED6002 d'],
  ['source folder("a") source folder("b")', 'ED6009 source'],
  ['source folder("a") resise to(3, 3)', 'ED6001 resise'],
  ['source foldr("a")', 'ED6003 foldr'],
  ['source folder(3)', 'ED6003 3'],
  ['source folder()', 'ED3006 folder()'],
  ['source folder("a") classes a, b, a', 'ED6009 a'],
  ['source folder("a") resize to(0, 3)', 'ED3009 0'],
  ['source folder("a") resize to(3)', 'ED3006 to(3)'],
  ['source folder("a") resize to(8, 8) crops ten(9, 8)', 'ED6003 ten(9, 8)'],
  ['source folder("a") color grey()', 'ED6003 grey'],
  ['source folder("a") augment jitter(2)', 'ED3009 2'],
  ['source folder("a") folds blocks(1)', 'ED3009 1'],
  ['source folder("a") folds blocks(3, by: person)', 'ED3011 person'],
  ['source folder("a") pixels scaled(by: 0)', 'ED3009 0'],
  ['source synthetic_faces(preset: mild)', 'ED3011 mild'],
  ['source synthetic_faces(people: 2.5)', 'ED3009 2.5'],
  ['source synthetic_faces() classes anger, angst', 'ED6003 angst'],
  ['source fer2013("x", part: test)', 'ED3011 test'],
  ['source fer2013("x") classes anger, contempt', 'ED6003 contempt'],
  ['source fer2013("x") frames last(3)', 'ED6003 frames last(3)'],
  ['source manifest()', 'ED3006 manifest()'],
  ['source manifest("a.csv", file: 3)', 'ED6003 3'],
  ['source manifest("a.csv", person: "who")', 'ED3005 person'],
  ['source manifest("a.csv") frames last(0)', 'ED3009 0'],
  ['source manifest("a.csv") frames latest(3)', 'ED6003 latest'],
  ['source folder("a") folds file(3)', 'ED6003 3'],
  ['source kdef("x")', 'ED8001 kdef("x")'],
  ['source ck_plus("x") classes anger, boredom', 'ED6003 boredom'],
  ['source bu_3dfe("x") classes contempt', 'ED6003 contempt'],
  ['source oulu_casia("x", light: dim)', 'ED3011 dim'],
  ['source fer_plus("x", votes: 3)', 'ED6003 3'],
  ['source fer_plus("x") frames last(3)', 'ED6003 frames last(3)'],
] as const) {
  test(`data { ${settings} }`, () => assert.equal(data(settings), [wrong]));
}

test('databases bring their classes and the frames that the paper uses', () => {
  const read = (settings: string): DataIR => {
    const checked = checkText(`data d { ${settings} }`);
    assert.equal(errorsOf(checked), []);
    return checked.data.get('d')!;
  };
  const seven = ['anger', 'contempt', 'disgust', 'fear', 'happiness', 'sadness', 'surprise'];
  const six = seven.filter((name) => name !== 'contempt');
  for (const [source, classes, frames] of [
    ['ck_plus("$CK_PLUS")', seven, { kind: 'last', count: 3 }],
    ['mmi("$MMI")', six, { kind: 'middle', count: 3 }],
    ['bu_3dfe("$BU_3DFE")', six, { kind: 'last', count: 2 }],
    ['oulu_casia("$OULU_CASIA")', six, { kind: 'last', count: 3 }],
  ] as const) {
    const data = read(`source ${source}`);
    assert.equal([data.classes, data.frames], [classes, frames], source);
    assert.is(read(`source ${source} frames all()`).frames, null);
    assert.equal(read(`source ${source} frames first(1)`).frames, { kind: 'first', count: 1 });
    assert.equal(read(`source ${source} classes fear, neutral`).classes, ['fear', 'neutral']);
  }
  assert.is(read('source fer_plus("x")').classes!.length, 8);
});

test('a database without a reader is answered with a source that reads it', () => {
  for (const [name, kind] of [
    ['jaffe', 'manifest'],
    ['kdef', 'manifest'],
    ['raf_db', 'manifest'],
    ['affectnet', 'folder'],
    ['sfew', 'folder'],
  ] as const) {
    const [told] = dataOf(`source ${name}("x")`).diagnostics;
    const [, instead] = /^write `(source [^`]+)`/.exec(told!.hint!)!;
    const checked = dataOf(instead!);
    assert.equal(found(checked), []);
    assert.is(checked.data.get('d')!.source.kind, kind);
  }
});

test('an experiment with everything', () => {
  const checked = experiment(
    'model m with rate = 0.2 train on d score image(crops: vote) seeds 1, 2, 3 report accuracy(folds: pooled), macro_f1(), recall(), confusion(rows: true)',
    '',
    'hyper rate = 0.1\ntrain { minimize l using sgd(rate) }',
  );
  assert.equal(found(checked), []);
  const [{ experiment: ir, model }] = checked.experiments as unknown as [Checked['experiments'][number]];
  assert.equal([ir.seeds, ir.score.kind, ir.score.crops], [[1, 2, 3], 'image', 'vote']);
  assert.equal(
    ir.report.map((r) => r.kind),
    ['accuracy', 'macro_f1', 'recall', 'confusion'],
  );
  assert.equal(model.hypers.find((h) => h.name === 'rate')!.value, { kind: 'fixed', value: '1/5' });
  // The data names the classes of a label that does not.
  assert.equal(model.labels[0]!.classes, ['a', 'b', 'c']);
});

for (const [lines, wrong] of [
  ['train on d', 'ED6006 e'],
  ['model m', 'ED6006 e'],
  ['model m model m train on d', 'ED6009 model m'],
  ['model mm train on d', 'ED2001 mm'],
  ['model d train on d', 'ED2016 d'],
  ['model m train on dd', 'ED2001 dd'],
  ['model m train on whole', 'ED6007 e'],
  ['model m train on four', 'ED6004 y'],
  ['model m train on d test on four', 'ED6004 y'],
  ['model m train on large', 'ED6008 x'],
  ['model m train on rgb', 'ED6008 x'],
  ['model m train on d test on rgb', 'ED6008 x'],
  ['model m train other on d', 'ED6005 other'],
  ['model m with rate = 1 train on d', 'ED2022 rate'],
  ['model m train on d seeds 1.5', 'ED6003 1.5'],
  ['model m train on d seed 1', 'ED6001 seed'],
  ['model m train on d report acuracy()', 'ED6003 acuracy'],
  ['model m train on d score image(crops: mode)', 'ED3011 mode'],
  ['model m train on d score crop(crops: mean)', 'ED3005 crops'],
] as const) {
  test(`experiment { ${lines} }`, () => assert.equal(told(lines).slice(0, 1), [wrong]));
}

test('testing on the people trained on is warned of', () => {
  const other = 'source folder("a") classes a, b, c resize to(8, 8)';
  assert.equal(told('model m train on d test on d'), ['ED6010 test on d']);
  assert.equal(told('model m train on d test on same', `data same { ${other} }`), ['ED6010 test on same']);
  const faces = (
    seed: number,
  ): string => `data faces { source synthetic_faces(seed: ${seed}) classes anger, fear, sadness resize to(8, 8) }
    data others { source synthetic_faces(people: 9, seed: 1) classes anger, fear, sadness resize to(8, 8) }`;
  assert.equal(told('model m train on faces test on others', faces(1)), ['ED6010 test on others']);
  assert.equal(told('model m train on faces test on others', faces(2)), []);
});

test('testing on other data, or on classes that only the folder knows', () => {
  assert.equal(told('model m train on whole test on d'), []);
  assert.equal(told('model m train on unknown'), []);
});

test('a list of class names is that of the data, in order', () => {
  assert.equal(told('model m train on d', '', 'label y : class[3] of a, b, c'), []);
  assert.equal(told('model m train on d', '', 'label y : class[3] of b, a, c'), ['ED6004 y']);
});

test('a label that nothing reads may have any classes', () => {
  assert.equal(told('model m train on d', '', 'label who : class[40]'), []);
});

test('a class of the data is asked for by name', () => {
  const asks = 'loss l = cross_entropy(z, y) + mean(number(y is b) * norm(z)) updates g';
  assert.equal(told('model m train on d', '', asks), []);
  assert.equal(told('model m train on unknown', '', asks), ['ED3018 b']);
});

test('a model that reads more than images', () => {
  assert.equal(
    told('model m train on d', '', 'input v : vector[3]\nloss l = cross_entropy(z + v, y) updates g').slice(
      0,
      1,
    ),
    ['ED6008 v'],
  );
});

test.run();
