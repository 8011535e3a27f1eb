/** @file ED5…: `train`, its steps, objectives and optimizers. */
import type { CodeText } from '../code-text.js';
import { GROUP, INPUT, LABEL, LOSS, model, TRAIN } from './pieces.js';

const train = (...lines: readonly string[]): string =>
  model(INPUT, LABEL, GROUP, LOSS, `train {\n  ${lines.join('\n  ')}\n}`);
const sound = model(INPUT, LABEL, GROUP, LOSS, TRAIN);
const NORMED = [
  'group h = batch_norm()',
  'z = g(h(x))',
  'loss l = cross_entropy(z, y) updates g, h',
  'loss k = mean(square(z)) updates g',
];

export const TRAINING: readonly CodeText[] = [
  {
    code: 'ED5001',
    title: 'nothing is minimized',
    explanation:
      'A model learns by its `train`, and a `train` by its `minimize`. Without one, no group would ever change.',
    wrong: model(INPUT, LABEL, GROUP, LOSS),
    right: sound,
  },
  {
    code: 'ED5002',
    title: 'an objective is not linear in its losses',
    explanation:
      'What is minimized is a sum of numbers times losses. Only then does each loss have one weight, with which its gradient enters the groups of its route. A product or a function of losses belongs into a loss of its own.',
    wrong: train('minimize l * l using adam()'),
    right: train('minimize 2 * l using adam()'),
  },
  {
    code: 'ED5003',
    title: 'an objective contains something that is neither a loss nor a hyper',
    explanation:
      '`minimize` sees losses and hypers only: a value has no route, so nobody would know who learns from it.',
    wrong: model(INPUT, LABEL, GROUP, LOSS, 'z = mean(g(x))', 'train { minimize l + z using adam() }'),
    right: model(
      INPUT,
      LABEL,
      GROUP,
      LOSS,
      'loss z = mean(g(x)) updates g',
      'train { minimize l + z using adam() }',
    ),
  },
  {
    code: 'ED5004',
    title: 'a group has no optimizer, or two',
    explanation:
      'In a step, each updated group has exactly one optimizer: the one that names it behind `for`, else the one without `for`. Two would fight over one set of parameters, and with none the group would not move.',
    wrong: train('minimize l using adam() for g using sgd(0.1) for g'),
    right: train('minimize l using adam() for g'),
  },
  {
    code: 'ED5005',
    title: 'an optimizer is for a group that the step does not update',
    explanation:
      'The optimizer would do nothing. Either the group is missing in a route, or the `for` names another group than intended.',
    wrong: model(
      INPUT,
      LABEL,
      GROUP,
      'group h = dense(3)',
      'loss l = cross_entropy(h(g(x)), y) updates g',
      'train { minimize l using adam() using sgd(0.1) for h  freeze h }',
    ),
    right: model(
      INPUT,
      LABEL,
      GROUP,
      'group h = dense(3)',
      'loss l = cross_entropy(h(g(x)), y) updates g, h',
      'train { minimize l using adam() using sgd(0.1) for h }',
    ),
  },
  {
    code: 'ED5007',
    title: 'batch norm runs in a group that is neither updated nor frozen',
    explanation:
      'Batch norm in training normalises by the batch and keeps running statistics for later, but only where the step updates the group. Here it would train with one normalisation and be evaluated with statistics nobody ever measured.',
    wrong: model(INPUT, LABEL, GROUP, ...NORMED, TRAIN, 'train head { minimize k using adam() }'),
    right: model(INPUT, LABEL, GROUP, ...NORMED, TRAIN, 'train head { minimize k using adam()  freeze h }'),
  },
  {
    code: 'ED5008',
    title: 'a setting of a training is unknown',
    explanation:
      'A `train` knows `batch`, `epochs`, `seed`, `precision` and `log`. Everything else would have no effect.',
    wrong: train('minimize l using adam()', 'epoch 10'),
    right: train('minimize l using adam()', 'epochs 10'),
  },
  {
    code: 'ED5009',
    title: 'a setting stands twice in a training',
    explanation: 'A setting has one value. In a child model, its own setting replaces the inherited one.',
    wrong: train('minimize l using adam()', 'epochs 10', 'epochs 20'),
    right: train('minimize l using adam()', 'epochs 20'),
  },
  {
    code: 'ED5010',
    title: 'the value of a setting is of the wrong kind',
    explanation:
      '`batch`, `epochs` and `seed` take one whole number; `log` takes values that are single numbers.',
    wrong: train('minimize l using adam()', 'log g(x)'),
    right: train('minimize l using adam()', 'log mean(g(x))'),
  },
  {
    code: 'ED5011',
    title: 'a training has several objectives without steps',
    explanation:
      'A training with one update per iteration has one `minimize`. Several updates, as in a GAN, are steps with names, which run in the order they are written.',
    wrong: train('minimize l using adam()', 'minimize 2 * l using sgd(0.1)'),
    right: train('step first { minimize l using adam() }', 'step second { minimize 2 * l using sgd(0.1) }'),
  },
  {
    code: 'ED5012',
    title: 'an objective contains no loss',
    explanation: 'A number alone has no gradient.',
    wrong: train('minimize 3 using adam()'),
    right: train('minimize 3 * l using adam()'),
  },
  {
    code: 'ED5013',
    title: 'an optimizer is unknown',
    explanation: 'The optimizers are `sgd`, `adam` and `rmsprop`, written as calls.',
    wrong: train('minimize l using adm()'),
    right: train('minimize l using adam()'),
  },
  {
    code: 'ED5014',
    title: 'a part of a step updates nothing (a warning)',
    explanation:
      'A loss with the weight 0 updates nothing, nor does a step whose groups are all frozen, nor an optimizer without `for` where each group has one of its own. Left out, they say the same more plainly.',
    wrong: model(
      INPUT,
      LABEL,
      GROUP,
      LOSS,
      'loss k = mean(square(g(x))) updates g',
      'train { minimize l + 0 * k using adam() }',
    ),
    right: model(
      INPUT,
      LABEL,
      GROUP,
      LOSS,
      'loss k = mean(square(g(x))) updates g',
      'train { minimize l + 0.1 * k using adam() }',
    ),
  },
  {
    code: 'ED5020',
    title: 'a group cannot start from this',
    explanation:
      '`start G from` takes a group that is built in the same way, a `train` that runs before in the experiment, or a parameter file in quotes. Everything is taken by path below the group, and by shape.',
    wrong: model(
      INPUT,
      LABEL,
      GROUP,
      'group h = dense(4)',
      'loss l = cross_entropy(g(h(x)), y) updates g, h',
      'train { start h from g  minimize l using adam() }',
    ),
    right: model(
      INPUT,
      LABEL,
      GROUP,
      'group h = dense(4)',
      'group k = dense(4)',
      'loss l = cross_entropy(g(h(x) + k(x)), y) updates all',
      'train { start h from k  minimize l using adam() }',
    ),
  },
];
