/** @file Small models with the routes of known methods, for goldens. */
const LAYERS = `
  group base = dense(4) |> batch_norm() |> relu()
`;

export const TOYS: Readonly<Record<string, string>> = {
  /** Domain adversary with a scheduled reversal in the route (Ganin and Lempitsky 2015). */
  reversal: `model toy {
  hyper reversal = linear(from: 0, to: 1)

  input x : vector[6]
  label y : class[3]
  label domain : class[2]
${LAYERS}  group classifier = dense(3)
  group critic     = dense(2)

  f = base(x)
  loss l_y = cross_entropy(classifier(f), y)   updates base, classifier
  loss l_d = cross_entropy(critic(f), domain)  updates critic, base by -reversal
  predict y = softmax(classifier(f))

  train { minimize l_y + l_d using sgd(0.1) batch 4 epochs 1 }
}
`,
  /** The stem learns from both losses, each middle part from the one at the end of the chain or beside it. */
  chain: `model toy {
  input x : vector[6]
  label y : class[3]
${LAYERS}  group left  = dense(4) |> tanh()
  group right = dense(3)

  h = left(base(x))
  z = right(h)
  loss l_1 = cross_entropy(z, y)  updates base, left
  loss l_2 = mean(z ^ 2)          updates base, right
  predict y = softmax(z)

  train { minimize l_1 + l_2 using sgd(0.1) batch 4 epochs 1 }
}
`,
  /** One group applied twice: contributions meet at its parameters. */
  shared: `model toy {
  input a : vector[6]
  input b : vector[6]
  label y : class[3]
${LAYERS}  group head = dense(3)

  f = base(a)
  g = base(b)
  z = head(f)
  loss l_y     = cross_entropy(z, y)  updates base, head
  loss l_close = mean((f - g) ^ 2)    updates base by 1 / 2
  predict y = softmax(z)

  train { minimize l_y + l_close using sgd(0.1) batch 4 epochs 1 }
}
`,
  /** Two masks: of one of two losses on a group that another learns through, and on a value. */
  masked: `model toy {
  input x : vector[6]
  label y : class[3]
${LAYERS}  group head = dense(3)

  is_rare = y is 2
  f = base(x)
  z = head(stop(f, where: is_rare))
  loss l_y = cross_entropy(z, y)  updates base, head where not is_rare
  loss l_z = mean(z ^ 2)          updates head
  predict y = softmax(head(f))

  train { minimize l_y + l_z using sgd(0.1) batch 4 epochs 1 }
}
`,
  /** Every loss trains all it reaches: plain backpropagation. */
  unrouted: `model toy {
  input x : vector[6]
  label y : class[3]
${LAYERS}  group head = dense(3)

  z = head(base(x))
  loss l_1 = cross_entropy(z, y)  updates all
  loss l_2 = mean(z ^ 2)          updates all
  predict y = softmax(z)

  train { minimize l_1 + 2 * l_2 using sgd(0.1) batch 4 epochs 1 }
}
`,
};
