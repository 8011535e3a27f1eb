/** @file ED1…: texts that are not sentences of the language. */
import type { CodeText } from '../code-text.js';
import { GROUP, INPUT, item, LABEL, LOSS, model, TRAIN } from './pieces.js';

const sound = model(INPUT, LABEL, GROUP, LOSS, TRAIN);

export const SYNTAX: readonly CodeText[] = [
  {
    code: 'ED1001',
    title: 'something else was expected here',
    explanation:
      'The text departs from the grammar at this place, and no more precise message fits. The message says what could stand here and what does. A statement ends where the next word cannot continue it, so the mistake is often just before the marked word.',
    wrong: model(INPUT, LABEL, GROUP, 'loss l = updates g', TRAIN),
    right: sound,
  },
  {
    code: 'ED1002',
    title: 'a word of the language is misspelt',
    explanation:
      'Every declaration and clause begins with a word of the language, and a word that is not one of them begins nothing. The nearest word that fits is proposed.',
    wrong: model(INPUT, LABEL, 'gruop g = dense(3)', LOSS, TRAIN),
    right: sound,
  },
  {
    code: 'ED1003',
    title: 'a comma is missing',
    explanation:
      'The items of a list are separated by commas: the groups of a route, the arguments of a call, the names of a `for`. White space and line breaks separate nothing, so without the comma the next item looks like the beginning of something new.',
    wrong: model(
      INPUT,
      LABEL,
      GROUP,
      'group h = dense(3)',
      'loss l = cross_entropy(h(g(x)), y) updates g h',
      TRAIN,
    ),
    right: model(
      INPUT,
      LABEL,
      GROUP,
      'group h = dense(3)',
      'loss l = cross_entropy(h(g(x)), y) updates g, h',
      TRAIN,
    ),
  },
  {
    code: 'ED1004',
    title: 'a bracket is not closed',
    explanation:
      'Each `(`, `[` and `{` needs its partner. The label shows the bracket that is still open; for a `{` the indentation decides which one is blamed.',
    wrong: model(INPUT, LABEL, 'group g = dense(3', LOSS, TRAIN),
    right: sound,
  },
  {
    code: 'ED1005',
    title: 'a closing bracket closes nothing',
    explanation:
      'There is no open bracket that this one could close: either it is one too many, or its partner is missing before it.',
    wrong: model(INPUT, LABEL, 'group g = dense(3))', LOSS, TRAIN),
    right: sound,
  },
  {
    code: 'ED1006',
    title: 'a comma announces nothing',
    explanation:
      'A comma always announces another item; there is no comma behind the last one. This keeps the end of a list visible without brackets or line ends.',
    wrong: model(INPUT, LABEL, GROUP, 'loss l = cross_entropy(g(x), y) updates g,', TRAIN),
    right: sound,
  },
  {
    code: 'ED1007',
    title: 'a text is not written between double quotes',
    explanation:
      'A text begins and ends with `"` on one line. Single quotes and typographic quotes do not delimit texts.',
    wrong: item('data photos', ['source folder("photos/)']),
    right: item('data photos', ['source folder("photos/")']),
  },
  {
    code: 'ED1008',
    title: 'a character has no meaning',
    explanation:
      'Names use the letters A to Z, digits and `_`; the operators are those of the language. Statements need no end mark, so there is no semicolon.',
    wrong: model(INPUT, LABEL, 'group g = dense(3);', LOSS, TRAIN),
    right: sound,
  },
  {
    code: 'ED1009',
    title: '`=`, `==` and `:` are confused',
    explanation:
      '`name = value` declares, `a == b` compares, `name: value` names an argument of a call or gives an input its type. A setting of a `train`, `data` or `experiment` stands beside its value without any mark.',
    wrong: model('input x = vector[4]', LABEL, GROUP, LOSS, TRAIN),
    right: sound,
  },
  {
    code: 'ED1010',
    title: 'comparisons are chained',
    explanation:
      '`a < b < c` is not a comparison of three values in this language. Compare in pairs, joined by `and`.',
    wrong: model(
      INPUT,
      LABEL,
      GROUP,
      'z = g(x)',
      'inner = mean(number(0 < z < 1))',
      'loss l = cross_entropy(z, y) + 0 * inner updates g',
      TRAIN,
    ),
    right: model(
      INPUT,
      LABEL,
      GROUP,
      'z = g(x)',
      'inner = mean(number(0 < z and z < 1))',
      'loss l = cross_entropy(z, y) + 0 * inner updates g',
      TRAIN,
    ),
  },
  {
    code: 'ED1011',
    title: 'the text is empty',
    explanation:
      'A file declares at least one import, block, model, data block or experiment; a value is at least one number or name.',
    wrong: '# nothing but a comment\n',
    right: 'block b() = dense(3)\n',
  },
  {
    code: 'ED1012',
    title: 'the text nests too deeply',
    explanation:
      'More than 64 open brackets, or more than 1000 levels of operators in one expression, are refused: no method section needs them, and every later stage would have to survive them.',
    wrong: model(`hyper k = ${'('.repeat(70)}1${')'.repeat(70)}`, INPUT, LABEL, GROUP, LOSS, TRAIN),
    right: model('hyper k = 1', INPUT, LABEL, GROUP, LOSS, TRAIN),
  },
  {
    code: 'ED1013',
    title: 'a text contains an unknown escape',
    explanation:
      'Behind a backslash stands `"`, `\\` or `n`. A backslash of a Windows path is written twice; a plain `/` works as well.',
    wrong: 'data photos { source folder("C:\\photos") }\n',
    right: 'data photos { source folder("C:/photos") }\n',
  },
  {
    code: 'ED1014',
    title: 'a number is too large',
    explanation: 'Numbers are finite: the largest is about 1.8e308.',
    wrong: model('hyper k = 1e999', INPUT, LABEL, GROUP, LOSS, TRAIN),
    right: model('hyper k = 1e9', INPUT, LABEL, GROUP, LOSS, TRAIN),
  },
  {
    code: 'ED1015',
    title: 'a reserved word is used as a name',
    explanation:
      'Some words never name anything, so that a statement can end without an end mark. Other words of the language (`all`, `step`, `start`, …) are words only where one is due, and may be names.',
    wrong: model('input data : vector[4]', LABEL, GROUP, 'loss l = cross_entropy(g(x), y) updates g', TRAIN),
    right: sound,
  },
  {
    code: 'ED1016',
    title: 'a loss has neither a value nor a route',
    explanation:
      'A loss says what is computed and which groups learn from it. Only an override of an inherited loss may leave out one of the two, and then it changes the other.',
    wrong: model(INPUT, LABEL, GROUP, 'loss l', TRAIN),
    right: sound,
  },
  {
    code: 'ED1017',
    title: 'something follows a complete value',
    explanation:
      'A value given on the command line, as in `--set rate=1e-3`, is a single expression. What follows it would be ignored, and nothing is ever ignored silently.',
  },
];
