/** @file Mistakes that people make when they write a spec, one each, in a model of a size at which they happen. */

const SOUND = `# Distil and dispel: two branches, one encoder.
model faces {
  input face       : image[16, 16, 1]
  label expression : class[7]

  group encoder    = conv(8) |> relu() |> max_pool(2) |> flatten()
  group distiller  = dense(32) |> relu()
  group classifier = cosine_dense(7)
  group dispeller  = dense(7)

  shared = encoder(face)
  f      = distiller(shared)
  cos    = classifier(f)
  z      = dispeller(f)

  loss l_c = am_softmax(cos, expression)
    updates encoder, distiller, classifier
  loss l_d = cross_entropy(z, expression)
    updates dispeller
  loss l_e = -mean(log_softmax(z))
    updates encoder by 0.1

  predict expression = softmax(30 * cos)

  train {
    minimize l_c + 0.5 * (l_d + l_e)
      using adam(rate: 1e-3, weight_decay: 5e-4)
    batch 64
  }
}
`;

/** The sound model with one piece of text in place of another; throws if it is not there exactly once. */
function mistake(right: string, wrong: string): string {
  const parts = SOUND.split(right);
  if (parts.length !== 2) throw new Error(`${parts.length - 1} times: ${right}`);
  return parts.join(wrong);
}

const FACES = `
data photos {
  source  synthetic_faces()
  resize  to(16, 16)
  classes anger, fear, happiness, sadness, surprise
  folds   blocks(5, by: subject)
}

experiment five {
  model faces
  train on photos
}
`;

/** Spec by the name of its golden. */
export const MISTAKES: Readonly<Record<string, string>> = {
  'missing comma in a route': mistake('encoder, distiller, classifier', 'encoder, distiller classifier'),
  'misspelt keyword': mistake('    updates dispeller', '    update dispeller'),
  'misspelt group': mistake('    updates dispeller', '    updates dispelled'),
  'loss without a route': mistake(
    'cross_entropy(z, expression)\n    updates dispeller',
    'cross_entropy(z, expression)',
  ),
  'route to a value': mistake(
    'updates encoder, distiller, classifier',
    'updates shared, distiller, classifier',
  ),
  'cut by stop': mistake('f      = distiller(shared)', 'calm   = stop(shared)\n  f      = distiller(calm)'),
  'unconnected group': mistake('updates encoder by 0.1', 'updates encoder by 0.1, classifier'),
  'group never updated': mistake('    updates dispeller', '    updates distiller'),
  'shapes do not fit': mistake('-mean(log_softmax(z))', '-mean(log_softmax(z) * (f + shared))'),
  'wrong number of classes': `${SOUND}${FACES}`,
  'unknown option': mistake('weight_decay: 5e-4', 'weight_deacy: 5e-4'),
  'nonlinear objective': mistake('0.5 * (l_d + l_e)', 'l_d * l_e'),
  'loss per sample': mistake('-mean(log_softmax(z))', '-mean(log_softmax(z), axis: rest)'),
  'removed but needed': `${SOUND}
model calm extends faces {
  remove group dispeller
  loss l_e = mean(square(z))
}
`,
  'two optimizers': mistake(
    'using adam(rate: 1e-3, weight_decay: 5e-4)',
    'using adam(rate: 1e-3, weight_decay: 5e-4)\n      using sgd(0.1) for encoder\n      using sgd(0.01) for encoder, distiller',
  ),
  'several at once': mistake('group dispeller  = dense(7)', 'group dispeller  = dence(7)')
    .replace('cosine_dense(7)', 'cosine_dense(6)')
    .replace('batch 64', 'batch 0'),
};
