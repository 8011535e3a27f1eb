/** @file ED2…: names, imports, `extends` and `remove`. */
import type { CodeText } from '../code-text.js';
import { EXPERIMENT, FACES, FACES_MODEL, GROUP, INPUT, item, LABEL, LOSS, model, TRAIN } from './pieces.js';

const sound = model(INPUT, LABEL, GROUP, LOSS, TRAIN);
const two = model(
  INPUT,
  LABEL,
  GROUP,
  'group h = dense(3)',
  'loss l = cross_entropy(g(x), y) updates g',
  'loss k = cross_entropy(h(x), y) updates h',
  'train { minimize l + k using adam() }',
);
const child = (...members: readonly string[]): string => `${two}\n${item('model n extends m', members)}`;
const library = { './library.ed2l': 'block head(n) = dense(n)\n' };

export const NAMES: readonly CodeText[] = [
  {
    code: 'ED2001',
    title: 'a name is unknown',
    explanation:
      'Nothing of this name is declared in the model, in the file, among its imports or among the built-ins. A model sees the members of another one only through `extends`, and a block sees its own parameters, not the members of the model that calls it.',
    wrong: model(INPUT, LABEL, GROUP, 'loss l = cross_entropy(g(xx), y) updates g', TRAIN),
    right: sound,
  },
  {
    code: 'ED2002',
    title: 'a name is declared twice',
    explanation:
      'Hypers, inputs, labels, groups, values and losses of a model share one space of names; the declarations of a file share another. The order of declarations means nothing, so a second one could not replace the first.',
    wrong: model(INPUT, LABEL, GROUP, 'hyper g = 3', LOSS, TRAIN),
    right: sound,
  },
  {
    code: 'ED2003',
    title: 'a name hides another one',
    explanation:
      'A member may not carry the name of a built-in or of a declaration of its file: a reader would have to know which of the two is meant.',
    wrong: model(INPUT, LABEL, GROUP, 'mean = g(x)', 'loss l = cross_entropy(mean, y) updates g', TRAIN),
    right: model(INPUT, LABEL, GROUP, 'z = g(x)', 'loss l = cross_entropy(z, y) updates g', TRAIN),
  },
  {
    code: 'ED2004',
    title: 'names need each other',
    explanation:
      'Values, hypers and blocks may be declared in any order, but none may need itself, not even through others. The message shows the circle.',
    wrong: model('hyper a = b + 1', 'hyper b = a + 1', INPUT, LABEL, GROUP, LOSS, TRAIN),
    right: model('hyper a = b + 1', 'hyper b = 1', INPUT, LABEL, GROUP, LOSS, TRAIN),
  },
  {
    code: 'ED2005',
    title: 'a file is not there',
    explanation: 'The path of an import is looked up beside the file that contains it.',
    wrong: `import library from "./libary.ed2l"\n\n${sound}`,
    right: `import library from "./library.ed2l"\n\n${sound}`,
    others: library,
  },
  {
    code: 'ED2006',
    title: 'files import each other',
    explanation:
      'Imports form no circle: a file could otherwise never be read without itself. What both files need belongs into a third one.',
    wrong: `import library from "./library.ed2l"\n\nblock tail(n) = dense(n)\n`,
    right: `block tail(n) = dense(n)\n`,
    others: { './library.ed2l': 'import spec from "./spec.ed2l"\n\nblock head(n) = spec.tail(n)\n' },
  },
  {
    code: 'ED2007',
    title: 'a file does not declare what is imported',
    explanation: 'Only what a file itself declares can be imported from it, not what it imports.',
    wrong: `import { haed } from "./library.ed2l"\n\n${model(INPUT, LABEL, 'group g = haed(3)', LOSS, TRAIN)}`,
    right: `import { head } from "./library.ed2l"\n\n${model(INPUT, LABEL, 'group g = head(3)', LOSS, TRAIN)}`,
    others: library,
  },
  {
    code: 'ED2009',
    title: 'models extend each other',
    explanation:
      'A model inherits from its parent, and the parent from its own; at the end of the chain stands a model that extends none.',
    wrong: 'model a extends b { }\nmodel b extends a { }\n',
    right: `${sound}\nmodel b extends m { }\n`,
  },
  {
    code: 'ED2010',
    title: 'an override changes the kind of a member',
    explanation:
      'A member of a child replaces the inherited one of the same name, and everything that uses the name must still make sense. So a hyper stays a hyper and a group a group.',
    wrong: child('hyper h = 3'),
    right: child('group h = dense(4) |> dense(3)'),
  },
  {
    code: 'ED2011',
    title: 'there is nothing to remove',
    explanation:
      '`remove` takes away inherited groups, losses and steps, by name and kind. A member that the model itself declares is simply not written.',
    wrong: child('remove group hh'),
    right: child('remove group h'),
  },
  {
    code: 'ED2012',
    title: 'a member of this model needs what it removes',
    explanation:
      'Inherited members that need a removed one go with it. What the model itself declares stays, so it must do without.',
    wrong: child('remove group h', 'z = h(x)', 'loss l = cross_entropy(z, y)'),
    right: child('remove group h', 'z = g(x)', 'loss l = cross_entropy(z, y)'),
  },
  {
    code: 'ED2013',
    title: 'nothing is left to minimize',
    explanation:
      'Every loss of the inherited training went with what was removed. A model without a loss learns nothing, so it needs a loss and a `minimize` of its own.',
    wrong: `${sound}\n${item('model n extends m', ['remove loss l'])}`,
    right: `${sound}\n${item('model n extends m', [
      'remove loss l',
      'loss k = mean(square(g(x))) updates g',
      'train { minimize k using adam() }',
    ])}`,
  },
  {
    code: 'ED2014',
    title: 'an inherited prediction needs what is removed',
    explanation:
      'A prediction is what a model is for, so it does not silently go with a removed group: the child says what it predicts instead.',
    wrong: `${two.replace('  train', '  predict y = softmax(h(x))\n  train')}\n${item('model n extends m', ['remove group h'])}`,
    right: `${two.replace('  train', '  predict y = softmax(h(x))\n  train')}\n${item('model n extends m', [
      'remove group h',
      'predict y = softmax(g(x))',
    ])}`,
  },
  {
    code: 'ED2015',
    title: 'a loss is used as a value',
    explanation:
      'A loss has a route, and a value has none: it would be unclear whether the route goes along. Give the expression a name, and use that name in both places.',
    wrong: model(
      INPUT,
      LABEL,
      GROUP,
      LOSS,
      'loss k = square(l) updates g',
      'train { minimize l + k using adam() }',
    ),
    right: model(
      INPUT,
      LABEL,
      GROUP,
      'e = cross_entropy(g(x), y)',
      'loss l = e updates g',
      'loss k = square(e) updates g',
      'train { minimize l + k using adam() }',
    ),
  },
  {
    code: 'ED2016',
    title: 'a name is of the wrong kind',
    explanation:
      'The name is declared, but as something that cannot stand here: a block or function that is not called, a model where a data block is due, an optimizer in an expression.',
    wrong: model(INPUT, LABEL, 'group g = relu |> dense(3)', LOSS, TRAIN),
    right: model(INPUT, LABEL, 'group g = relu() |> dense(3)', LOSS, TRAIN),
  },
  {
    code: 'ED2017',
    title: 'a piece is read from something that has none',
    explanation:
      '`v.piece` reads what one piece of a group computed when it was applied. Only a value that is directly an application, `v = g(x)`, has pieces.',
    wrong: model(
      INPUT,
      LABEL,
      'group g = dense(4) as first |> dense(3)',
      'z = 2 * g(x)',
      'loss l = cross_entropy(z, y) + mean(square(z.first)) updates g',
      TRAIN,
    ),
    right: model(
      INPUT,
      LABEL,
      'group g = dense(4) as first |> dense(3)',
      'z = g(x)',
      'loss l = cross_entropy(z, y) + mean(square(z.first)) updates g',
      TRAIN,
    ),
  },
  {
    code: 'ED2018',
    title: 'a piece is unknown or could be several',
    explanation:
      'The path behind the dot must end the path of exactly one piece of the group. `as` gives a piece a name that no other change of the group moves.',
    wrong: model(
      INPUT,
      LABEL,
      'group g = dense(4) as first |> dense(3)',
      'z = g(x)',
      'loss l = cross_entropy(z, y) + mean(square(z.second)) updates g',
      TRAIN,
    ),
    right: model(
      INPUT,
      LABEL,
      'group g = dense(4) as first |> dense(3)',
      'z = g(x)',
      'loss l = cross_entropy(z, y) + mean(square(z.first)) updates g',
      TRAIN,
    ),
  },
  {
    code: 'ED2019',
    title: 'what `remove` took away (a note)',
    explanation:
      'Removing a group also removes what cannot live without it: values and losses computed from it, and inputs, labels, hypers and groups that nothing uses any more. The note lists each with its reason. It is no fault.',
    wrong: child('remove group h'),
  },
  {
    code: 'ED2020',
    title: 'nothing reads a value (a warning)',
    explanation:
      'The value is computed for nobody: no loss, prediction or other value uses it. Often a loss uses another name than intended.',
    wrong: model(INPUT, LABEL, GROUP, 'z = g(x)', LOSS, TRAIN),
    right: model(INPUT, LABEL, GROUP, 'z = g(x)', 'loss l = cross_entropy(z, y) updates g', TRAIN),
  },
  {
    code: 'ED2021',
    title: 'a loss has no value',
    explanation:
      'A loss may leave out its value only where it overrides an inherited loss, whose value it then keeps.',
    wrong: model(INPUT, LABEL, GROUP, 'loss l updates g', TRAIN),
    right: sound,
  },
  {
    code: 'ED2022',
    title: 'a hyper is unknown',
    explanation:
      '`with` and `--set` give a declared hyper a new value. A name that no `hyper` line declares would change nothing.',
    wrong: `${FACES_MODEL}\n${FACES}\n${item('experiment e', ['model m with width = 3', 'train on faces'])}`,
    right: `${FACES_MODEL}\n${FACES}\n${EXPERIMENT}`,
  },
];
