/** @file ED6…: data blocks and experiments. */
import type { CodeText } from '../code-text.js';
import { EXPERIMENT, FACES, FACES_MODEL, item, TRAIN } from './pieces.js';

const data = (...lines: readonly string[]): string => item('data faces', lines);
const SOURCE = 'source synthetic_faces()';
const whole = (faces: string, experiment = EXPERIMENT, model = FACES_MODEL): string =>
  `${model}\n${faces}\n${experiment}`;
const sound = whole(FACES);

/** Two stages on faces of two seeds; the first shows three of the classes that the second shows all of. */
const staged = (
  stages: readonly string[],
  first = 'anger, fear, sadness',
  settings: readonly string[] = [],
): string =>
  [
    FACES_MODEL.replace('class[7]', 'class[classes]')
      .replace('dense(7)', 'dense(classes)')
      .replace('model m {', 'model m {\n  hyper classes = 7'),
    item('data few', ['source synthetic_faces(seed: 2)', `classes ${first}`, 'resize to(8, 8)']),
    FACES,
    item('experiment e', ['model m', ...stages, ...settings]),
  ].join('\n');
/** Two stages on the same faces. */
const seeded = (settings: readonly string[], ...first: readonly string[]): string =>
  whole(
    FACES,
    item('experiment e', ['model m', 'pretrain first on faces', 'train on faces', ...settings]),
    FACES_MODEL.replace(TRAIN, `${item('train first', [...first, 'minimize l using adam()'])}  ${TRAIN}`),
  );
const FEW = 'pretrain on few with classes = 3';

export const DATA: readonly CodeText[] = [
  {
    code: 'ED6001',
    title: 'a setting is unknown',
    explanation:
      'A data block and an experiment know a fixed list of settings; any other would have no effect.',
    wrong: data(SOURCE, 'resise to(8, 8)'),
    right: data(SOURCE, 'resize to(8, 8)'),
  },
  {
    code: 'ED6002',
    title: 'a data block has no source',
    explanation:
      'The source says where the images come from: made by the built-in generator, or read from a folder.',
    wrong: data('resize to(8, 8)'),
    right: data(SOURCE, 'resize to(8, 8)'),
  },
  {
    code: 'ED6003',
    title: 'the value of a setting does not fit',
    explanation: 'The setting takes another form of value, another call, or other numbers than it gets here.',
    wrong: data(SOURCE, 'resize to(8, 8)', 'crops center(16, 16)'),
    right: data(SOURCE, 'resize to(16, 16)', 'crops center(8, 8)'),
  },
  {
    code: 'ED6004',
    title: 'model and data have different classes',
    explanation:
      'The number of classes decides the shape of the last layer, and their order what its outputs mean. Both are compared before any image is read. If the label of the model lists its classes with `of`, the lists are equal, in order.',
    wrong: whole(
      FACES,
      EXPERIMENT,
      FACES_MODEL.replace('class[7]', 'class[6]').replace('dense(7)', 'dense(6)'),
    ),
    right: sound,
  },
  {
    code: 'ED6005',
    title: 'a model has no training of this name',
    explanation:
      '`train name on data` runs the `train name { … }` of the model. Without a name it runs the unnamed `train`, or the only one.',
    wrong: whole(FACES, item('experiment e', ['model m', 'train long on faces'])),
    right: sound,
  },
  {
    code: 'ED6006',
    title: 'a line is missing in an experiment',
    explanation: 'An experiment names a model and the data it is trained on.',
    wrong: whole(FACES, item('experiment e', ['model m'])),
    right: sound,
  },
  {
    code: 'ED6007',
    title: 'there is nothing to test on',
    explanation:
      'A model is judged on people it has never seen. Either the data is divided into folds, each held out in turn, or the experiment names other data to test on.',
    wrong: whole(data(SOURCE, 'resize to(8, 8)')),
    right: sound,
  },
  {
    code: 'ED6008',
    title: 'the images of the data do not fit the input of the model',
    explanation:
      'Height, width and channels after `resize`, `color` and `crops` are those that the model declares.',
    wrong: whole(data(SOURCE, 'resize to(16, 16)', 'folds  blocks(3, by: subject)')),
    right: sound,
  },
  {
    code: 'ED6009',
    title: 'a line, a setting or a class stands twice',
    explanation: 'Each has one meaning, so the second could only replace or repeat the first.',
    wrong: data(SOURCE, 'resize to(8, 8)', 'resize to(16, 16)'),
    right: data(SOURCE, 'resize to(16, 16)'),
  },
  {
    code: 'ED6010',
    title: 'the test data show the people of the training data',
    explanation:
      'What is known by heart looks like what is understood. Folds hold people out; other data are another folder, or faces of another seed.',
    wrong: whole(FACES, item('experiment e', ['model m', 'train on faces', 'test  on faces'])),
    right: sound,
  },
  {
    code: 'ED6020',
    title: 'a stage reads other classes than the one before it',
    explanation:
      'A head that has learned other classes means something else by its outputs. So it is said what becomes of it: `reset` starts groups from their initialisation, `remap` keeps the columns of the classes that both lists name, `reset none` takes everything over as it is.',
    wrong: staged([FEW, 'train on faces']),
    right: staged([FEW, 'train on faces reset g']),
  },
  {
    code: 'ED6021',
    title: 'a group does not fit what it would take over',
    explanation:
      'Parameters are carried from stage to stage by path and shape. A group that is built otherwise in the next stage starts anew with `reset`, or from something else with `start`.',
    wrong: staged([FEW, 'train on faces reset none']),
    right: staged([FEW, 'train on faces remap g']),
  },
  {
    code: 'ED6022',
    title: 'a pretraining comes after a training',
    explanation: 'Stages run in the order in which they are written, and the last one is judged.',
    wrong: staged(['train on faces', `${FEW} reset g`]),
    right: staged([FEW, 'train on faces reset g']),
  },
  {
    code: 'ED6023',
    title: '`reset` or `remap` cannot do what it says',
    explanation:
      'They say what a stage does not take over from the one before, so they mean nothing on the first. A group starts anew, or has its classes matched, but not both; to be matched, it has one kernel with a column for each class.',
    wrong: staged([`${FEW} reset g`, 'train on faces']),
    right: staged([FEW, 'train on faces reset g']),
  },
  {
    code: 'ED6024',
    title: 'the parameters are chosen by the people they are judged on (a warning)',
    explanation:
      'Of many epochs, one is best on the test people by luck; to report it is to report the luck. An inner part of the training people, held out for the choice alone, has no such effect.',
    wrong: staged([FEW, 'train on faces reset g'], undefined, ['select best(accuracy, on: test)']),
    right: staged([FEW, 'train on faces reset g'], undefined, ['select best(accuracy, on: inner(0.1))']),
  },
  {
    code: 'ED6025',
    title: 'an earlier stage has a seed of its own (a warning)',
    explanation:
      'One seed makes a training, through all of its stages: those that `seeds` of the experiment lists, else that of the `train` block that the last stage runs. Another one in an earlier stage changes nothing.',
    wrong: seeded([], 'seed 1'),
    right: seeded(['seeds 1']),
  },
];
