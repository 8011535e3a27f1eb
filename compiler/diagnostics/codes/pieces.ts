/** @file The small model that most examples of the codes are made of. */

export const INPUT = 'input x : vector[4]';
export const LABEL = 'label y : class[3]';
export const GROUP = 'group g = dense(3)';
export const LOSS = 'loss l = cross_entropy(g(x), y) updates g';
export const TRAIN = 'train { minimize l using adam() }';

/** A model called m with these members, one a line. */
export const model = (...members: readonly string[]): string => item('model m', members);

/** `head { … }`, one element a line. */
export function item(head: string, elements: readonly string[]): string {
  const lines = elements.flatMap((element) => element.split('\n')).map((line) => `  ${line}\n`);
  return `${head} {\n${lines.join('')}}\n`;
}

/** A model that reads small gray images of the seven expressions. */
export const FACES_MODEL = model(
  'input face : image[8, 8, 1]',
  'label expression : class[7]',
  'group g = flatten() |> dense(7)',
  'z = g(face)',
  'loss l = cross_entropy(z, expression) updates g',
  'predict expression = softmax(z)',
  TRAIN,
);

export const FACES = item('data faces', [
  'source synthetic_faces()',
  'resize to(8, 8)',
  'folds  blocks(3, by: subject)',
]);

export const EXPERIMENT = item('experiment e', ['model m', 'train on faces']);
