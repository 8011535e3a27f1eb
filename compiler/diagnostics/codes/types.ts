/** @file ED3…: shapes, types and arguments. */
import type { CodeText } from '../code-text.js';
import { FACES_MODEL, GROUP, INPUT, LABEL, LOSS, model, TRAIN } from './pieces.js';

const sound = model(INPUT, LABEL, GROUP, LOSS, TRAIN);
const image = (group: string): string =>
  model('input x : image[8, 8, 1]', LABEL, `group g = ${group}`, LOSS, TRAIN);
const loss = (value: string, ...more: readonly string[]): string =>
  model(INPUT, LABEL, GROUP, ...more, `loss l = ${value} updates g`, TRAIN);

export const TYPES: readonly CodeText[] = [
  {
    code: 'ED3001',
    title: 'two shapes do not fit',
    explanation:
      'Operations element by element align the sizes of their operands from the right; sizes that meet are equal, or one of them is 1. A batch axis meets only the batch axis. The labels show both operands, the message the axis on which they disagree.',
    wrong: loss('mean(square(g(x) - x))'),
    right: loss('mean(square(g(x) - slice(x, 0, 3)))'),
  },
  {
    code: 'ED3002',
    title: 'an operation refuses its operands',
    explanation:
      'The operation is defined for other shapes or types than it gets; the label says what was found and what was expected. A classification loss needs one number per class.',
    wrong: model(INPUT, LABEL, 'group g = dense(5)', LOSS, TRAIN),
    right: sound,
  },
  {
    code: 'ED3003',
    title: 'nothing is left of an image',
    explanation:
      'A convolution without enough padding, and every pooling, makes an image smaller. Here the window is larger than the image that arrives, so the result would have no rows or no columns.',
    wrong: image('max_pool(16) |> flatten() |> dense(3)'),
    right: image('max_pool(2) |> flatten() |> dense(3)'),
  },
  {
    code: 'ED3004',
    title: 'one side of a pipe, or the body of a block, is of the wrong kind',
    explanation:
      '`tensor |> layer` applies the layer, `layer |> layer` composes two. Nothing else can stand beside `|>`. The body of a block without inputs is a layer, that of a block with inputs a tensor.',
    wrong: model(INPUT, LABEL, 'group g = dense(3) |> 2', LOSS, TRAIN),
    right: model(INPUT, LABEL, 'group g = dense(3) |> relu()', LOSS, TRAIN),
  },
  {
    code: 'ED3005',
    title: 'an argument is unknown',
    explanation:
      'The call has no parameter of this name. Unknown arguments are never ignored: an option that is misspelt would otherwise silently keep its default.',
    wrong: model(INPUT, LABEL, 'group g = dense(3, biass: false)', LOSS, TRAIN),
    right: model(INPUT, LABEL, 'group g = dense(3, bias: false)', LOSS, TRAIN),
  },
  {
    code: 'ED3006',
    title: 'an argument is missing',
    explanation: 'The parameter has no default, so every call gives it.',
    wrong: model(INPUT, LABEL, 'group g = dense()', LOSS, TRAIN),
    right: sound,
  },
  {
    code: 'ED3007',
    title: 'an argument is given twice, or is one too many',
    explanation:
      'Positional arguments come first, in the order of the signature, and then arguments with names in any order. Each parameter takes one.',
    wrong: model(INPUT, LABEL, 'group g = dense(3, units: 4)', LOSS, TRAIN),
    right: sound,
  },
  {
    code: 'ED3008',
    title: 'a value is of the wrong kind',
    explanation:
      'A number, a tensor, a label, a layer, a list and a text are different things, and each parameter takes one kind. Labels are names of classes, not numbers; a layer with a name is a `group`.',
    wrong: loss('cross_entropy(y, y)'),
    right: loss('cross_entropy(g(x), y)'),
  },
  {
    code: 'ED3009',
    title: 'a number is out of range',
    explanation:
      'The value is known at compile time and makes no sense here: a size below 1, a rate below 0, a share above 1.',
    wrong: model(INPUT, LABEL, 'group g = dense(0) |> dense(3)', LOSS, TRAIN),
    right: model(INPUT, LABEL, 'group g = dense(8) |> dense(3)', LOSS, TRAIN),
  },
  {
    code: 'ED3010',
    title: 'a number must be known at compile time',
    explanation:
      'Whatever decides a shape, a count or a path is fixed before training starts. Only weights, rates, margins and other numbers that meet tensors may change from iteration to iteration.',
    wrong: model('hyper width = 3 + epoch', INPUT, LABEL, 'group g = dense(width) |> dense(3)', LOSS, TRAIN),
    right: model('hyper width = 3', INPUT, LABEL, 'group g = dense(width) |> dense(3)', LOSS, TRAIN),
  },
  {
    code: 'ED3011',
    title: 'a choice is unknown',
    explanation: 'Some parameters take one of a few words, which here mean nothing but themselves.',
    wrong: model(INPUT, LABEL, 'group g = cosine_dense(3, normalize: bth)', LOSS, TRAIN),
    right: model(INPUT, LABEL, 'group g = cosine_dense(3, normalize: both)', LOSS, TRAIN),
  },
  {
    code: 'ED3012',
    title: 'a loss is not a single number',
    explanation:
      'What is minimized is one number. A loss per sample must say how the samples are put together: `mean(…)`, `sum(…)` or something else. Nothing is averaged silently, because the choice changes the size of every gradient.',
    wrong: loss('sum(square(g(x)), axis: rest)'),
    right: loss('mean(sum(square(g(x)), axis: rest))'),
  },
  {
    code: 'ED3013',
    title: 'a prediction does not fit its label',
    explanation:
      'The prediction of a label with n classes is one number per class, `f32[batch, n]`; for two classes it may also be the probability of the second. A `predict` whose name is no label may be any tensor.',
    wrong: model(INPUT, LABEL, GROUP, LOSS, 'predict y = mean(g(x), axis: rest)', TRAIN),
    right: model(INPUT, LABEL, GROUP, LOSS, 'predict y = softmax(g(x))', TRAIN),
  },
  {
    code: 'ED3014',
    title: 'arithmetic on something that is no number',
    explanation:
      'Sums, products and powers are for numbers and tensors. A label is turned into numbers by `one_hot`, a condition by `number`; a layer is applied first.',
    wrong: loss('mean(square(g(x) - y))'),
    right: loss('mean(square(g(x) - one_hot(y)))'),
  },
  {
    code: 'ED3015',
    title: 'a layer needs another kind of tensor',
    explanation:
      '`dense` reads a vector per sample, `conv` and pooling read an image per sample. Nothing is flattened silently.',
    wrong: image('conv(4) |> relu() |> dense(3)'),
    right: image('conv(4) |> relu() |> flatten() |> dense(3)'),
  },
  {
    code: 'ED3016',
    title: 'a group is applied to inputs of different shapes',
    explanation:
      'All applications of a group share its parameters, whose shapes follow from the first one. Another input would need parameters of another shape, hence another group.',
    wrong: loss('cross_entropy(g(x) + g(slice(x, 0, 2)), y)'),
    right: loss('cross_entropy(g(x) + g(2 * x), y)'),
  },
  {
    code: 'ED3017',
    title: 'a layer with parameters stands outside of a group',
    explanation:
      'Parameters belong to a group, because routes name groups: a layer written into a value would have parameters that no route can name.',
    wrong: model(INPUT, LABEL, GROUP, 'z = dense(3)(g(x))', 'loss l = cross_entropy(z, y) updates g', TRAIN),
    right: model(
      INPUT,
      LABEL,
      GROUP,
      'group h = dense(3)',
      'z = h(g(x))',
      'loss l = cross_entropy(z, y) updates g, h',
      TRAIN,
    ),
  },
  {
    code: 'ED3018',
    title: 'a class is unknown',
    explanation:
      'The name is not in the class list of the label. A `class[n]` without `of`, bound to no data, has the classes 0 to n - 1.',
    wrong: model(
      INPUT,
      'label y : class[3] of happy, sad, angry',
      GROUP,
      'loss l = mean(g(x) * number(y is hapy)) updates g',
      TRAIN,
    ),
    right: model(
      INPUT,
      'label y : class[3] of happy, sad, angry',
      GROUP,
      'loss l = mean(g(x) * number(y is happy)) updates g',
      TRAIN,
    ),
  },
  {
    code: 'ED3019',
    title: 'class lists differ',
    explanation:
      'The number in `class[n]` is the number of names behind `of`; and two labels are compared only when their classes are the same, in the same order.',
    wrong: model(INPUT, 'label y : class[2] of happy, sad, angry', GROUP, LOSS, TRAIN),
    right: model(INPUT, 'label y : class[3] of happy, sad, angry', GROUP, LOSS, TRAIN),
  },
  {
    code: 'ED3020',
    title: 'the type of an input or label is not one of the language',
    explanation:
      'Inputs are `image[height, width, channels]`, `vector[n]` or `tensor[…]`; labels are `class[n]`. The sizes are those of one sample: the batch is not written.',
    wrong: model('input x : vectr[4]', LABEL, GROUP, LOSS, TRAIN),
    right: sound,
  },
  {
    code: 'ED3021',
    title: 'a layer gets the wrong number of tensors',
    explanation: 'Most layers take one tensor; a block with several inputs takes as many as it declares.',
    wrong: loss('cross_entropy(g(x, x), y)'),
    right: loss('cross_entropy(g(x), y)'),
  },
  {
    code: 'ED3022',
    title: 'a call or an `as` where neither has a meaning',
    explanation:
      'Only layers and functions are called; a value is computed once and then used by its name. `as` names a piece of a group or block.',
    wrong: loss('cross_entropy(z(x), y)', 'z = g(x)'),
    right: loss('cross_entropy(z, y)', 'z = g(x)'),
  },
  {
    code: 'ED3023',
    title: 'a comparison or condition without meaning',
    explanation:
      'Labels are compared with labels, or with their classes by `is` and `in`; classes have no order. `and`, `or` and `not` join conditions.',
    wrong: loss('mean(g(x) * number(y == 1))'),
    right: loss('mean(g(x) * number(y is 1))'),
  },
  {
    code: 'ED3024',
    title: 'a hyper changes its kind',
    explanation:
      '`with` and `--set` may give a hyper any value of the kind it was declared with: a number stays a number, fixed or scheduled.',
    wrong: `${FACES_MODEL.replace('{\n', '{\n  hyper k = 3\n')}
data faces { source synthetic_faces()  resize to(8, 8)  folds blocks(3, by: subject) }
experiment e { model m with k = true  train on faces }
`,
    right: `${FACES_MODEL.replace('{\n', '{\n  hyper k = 3\n')}
data faces { source synthetic_faces()  resize to(8, 8)  folds blocks(3, by: subject) }
experiment e { model m with k = 4  train on faces }
`,
  },
  {
    code: 'ED3025',
    title: 'a number is not finite',
    explanation:
      'A division by zero, a logarithm of zero or an overflow is found while the numbers of the spec are computed.',
    wrong: model('hyper k = 1 / 0', INPUT, LABEL, GROUP, LOSS, TRAIN),
    right: model('hyper k = 1 / 2', INPUT, LABEL, GROUP, LOSS, TRAIN),
  },
  {
    code: 'ED3026',
    title: 'an axis does not exist',
    explanation:
      'Axes are `all`, `batch`, `rest` (all but the batch), `channels` (the last), or numbers counted with the batch as 0.',
    wrong: loss('mean(norm(g(x), axis: 5))'),
    right: loss('mean(norm(g(x), axis: 1))'),
  },
  {
    code: 'ED3027',
    title: 'the model is too large',
    explanation:
      'Repetitions and blocks multiply each other. A model that would expand to more than 50,000 calls, or to blocks more than 64 deep within blocks, is refused before that takes all memory; published networks need a few thousand. So is a model of more than 2^30 parameters.',
    wrong: model(INPUT, LABEL, 'group g = flatten() |> repeat(1e6, relu()) |> dense(3)', LOSS, TRAIN),
    right: model(INPUT, LABEL, 'group g = flatten() |> repeat(2, relu()) |> dense(3)', LOSS, TRAIN),
  },
];
