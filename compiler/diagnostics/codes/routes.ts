/** @file ED4…: who learns from which loss. */
import type { CodeText } from '../code-text.js';
import { GROUP, INPUT, LABEL, LOSS, model, TRAIN } from './pieces.js';

const sound = model(INPUT, LABEL, GROUP, LOSS, TRAIN);
const HEAD = 'group h = dense(3)';
const both = (loss: string, train = TRAIN): string => model(INPUT, LABEL, GROUP, HEAD, loss, train);

export const ROUTES: readonly CodeText[] = [
  {
    code: 'ED4001',
    title: 'a loss does not say what it updates',
    explanation:
      'The route is the point of the language: every loss names the groups that learn from it. Updating everything is a decision too, and is written `updates all`.',
    wrong: model(INPUT, LABEL, GROUP, 'loss l = cross_entropy(g(x), y)', TRAIN),
    right: sound,
  },
  {
    code: 'ED4002',
    title: 'a group is unknown',
    explanation:
      '`updates`, `for` and `freeze` name groups. Values, inputs and losses have no parameters of their own.',
    wrong: both('loss l = cross_entropy(h(g(x)), y) updates g, hh'),
    right: both('loss l = cross_entropy(h(g(x)), y) updates g, h'),
  },
  {
    code: 'ED4003',
    title: 'a group stands twice in one route, or is frozen twice',
    explanation:
      'A route says for each group once what it gets from the loss. Named twice, it would be unclear which of the two factors holds.',
    wrong: model(INPUT, LABEL, GROUP, 'loss l = cross_entropy(g(x), y) updates g, g by 2', TRAIN),
    right: model(INPUT, LABEL, GROUP, 'loss l = cross_entropy(g(x), y) updates g by 2', TRAIN),
  },
  {
    code: 'ED4004',
    title: 'a gradient is cut before it reaches a group',
    explanation:
      'The loss is computed from the group, but on the way stands an operation that lets no gradient pass: a `stop`, a comparison, `argmax`, `one_hot`. The group would never learn from this loss, although the route says so. The labels show the loss and the cut.',
    wrong: both('loss l = cross_entropy(h(stop(g(x))), y) updates g, h'),
    right: both('loss l = cross_entropy(h(g(x)), y) updates g, h'),
  },
  {
    code: 'ED4005',
    title: 'a loss is not computed from a group of its route',
    explanation:
      'Nothing of the group enters the loss, so there is no gradient: the route promises what cannot happen. Usually the loss uses another value than intended.',
    wrong: both('loss l = cross_entropy(g(x), y) updates g, h'),
    right: both('loss l = cross_entropy(h(g(x)), y) updates g, h'),
  },
  {
    code: 'ED4006',
    title: 'a loss reaches only a part of a group (a warning)',
    explanation:
      'Some parameters of the group enter the loss and some do not; the label lists those that get nothing from it. This is right for a loss on an inner layer, and a mistake if a piece was left out.',
    wrong: model(
      INPUT,
      LABEL,
      'group g = dense(3) as first |> dense(3)',
      'z = g(x)',
      'loss l = cross_entropy(z.first, y) updates g',
      TRAIN,
    ),
    right: model(
      INPUT,
      LABEL,
      'group g = dense(3) as first |> dense(3)',
      'z = g(x)',
      'loss l = cross_entropy(z, y) updates g',
      TRAIN,
    ),
  },
  {
    code: 'ED4007',
    title: '`updates all` updates nothing',
    explanation:
      '`all` means every group that the loss reaches. This loss reaches none, so nobody would learn from it.',
    wrong: model(
      INPUT,
      LABEL,
      GROUP,
      LOSS,
      'loss k = mean(square(x)) updates all',
      'train { minimize l + k using adam() }',
    ),
    right: model(
      INPUT,
      LABEL,
      GROUP,
      LOSS,
      'loss k = mean(square(g(x))) updates all',
      'train { minimize l + k using adam() }',
    ),
  },
  {
    code: 'ED4008',
    title: 'nothing ever updates a group',
    explanation:
      'No loss that is minimized has the group in its route, so its parameters would stay at their random initial values. Published code contains this mistake again and again. Where it is intended, `freeze` says so.',
    wrong: both('loss l = cross_entropy(h(g(x)), y) updates g'),
    right: both(
      'loss l = cross_entropy(h(g(x)), y) updates g',
      'train { minimize l using adam()  freeze h }',
    ),
  },
  {
    code: 'ED4009',
    title: 'a factor of a route, or a whole loss, has no effect (a warning)',
    explanation:
      '`by 1` and `where true` change nothing; `by 0` and `where false` take the group out of the route without saying so. A loss whose terms cancel, such as `a + b - b - a`, updates nothing.',
    wrong: model(INPUT, LABEL, GROUP, 'loss l = cross_entropy(g(x), y) updates g by 1', TRAIN),
    right: sound,
  },
  {
    code: 'ED4010',
    title: 'a loss is never minimized (a warning)',
    explanation: 'The loss is declared, but no `minimize` contains it, so nobody learns from it.',
    wrong: model(INPUT, LABEL, GROUP, LOSS, 'loss k = mean(square(g(x))) updates g', TRAIN),
    right: model(
      INPUT,
      LABEL,
      GROUP,
      LOSS,
      'loss k = mean(square(g(x))) updates g',
      'train { minimize l + k using adam() }',
    ),
  },
  {
    code: 'ED4011',
    title: 'a `stop` has no effect (a warning)',
    explanation:
      'No loss updates anything through this value, so there is no gradient to stop. Often the `stop` was meant for another value, or a route already says the same.',
    wrong: model(INPUT, LABEL, GROUP, 'loss l = cross_entropy(g(stop(x)), y) updates g', TRAIN),
    right: sound,
  },
  {
    code: 'ED4012',
    title: 'the factor of a route is not a number',
    explanation:
      '`by` scales the whole gradient that a group gets from a loss, with a number made of hypers. A factor per sample belongs into the loss.',
    wrong: model(INPUT, LABEL, GROUP, 'loss l = cross_entropy(g(x), y) updates g by x', TRAIN),
    right: model(INPUT, LABEL, GROUP, 'loss l = cross_entropy(g(x), y) updates g by -0.5', TRAIN),
  },
  {
    code: 'ED4013',
    title: 'a mask is not one truth value or number per sample',
    explanation:
      '`where` chooses samples (in a reduction: elements), by a condition or by weights. It is made of hypers, inputs, labels and values of the model; a label is asked for its class. A factor that is the same for all samples is written `by`.',
    wrong: model(INPUT, LABEL, GROUP, 'loss l = cross_entropy(g(x), y) updates g where y', TRAIN),
    right: model(INPUT, LABEL, GROUP, 'loss l = cross_entropy(g(x), y) updates g where y is 1', TRAIN),
  },
  {
    code: 'ED4014',
    title: 'a masked group gives something without samples',
    explanation:
      'A mask on a route acts where the group is read from outside, sample by sample. A group that sums over its batch gives one result for all samples, and no part of it belongs to one of them.',
    wrong: `block total()(x) = mean(dense(3)(x), axis: batch)\n${model(
      INPUT,
      LABEL,
      'group g = total()',
      'loss l = mean(square(g(x))) updates g where y is 1',
      TRAIN,
    )}`,
    right: model(INPUT, LABEL, GROUP, 'loss l = mean(square(g(x))) updates g where y is 1', TRAIN),
  },
];
