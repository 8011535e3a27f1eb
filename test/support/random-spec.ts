/** @file Random small models as `.ed2l` text: groups, shared applications, stops, routed losses, optimizers. Seeded; every one checks without errors. */
import { randomFrom } from './random-graph.js';

interface Vector {
  readonly name: string;
  readonly size: number;
  /** Groups whose parameters a gradient at this value reaches. */
  readonly above: ReadonlySet<string>;
}

export function randomSpec(seed: number): string {
  const random = randomFrom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)]!;
  const maybe = (text: string, chance = 0.5): string => (random() < chance ? text : '');
  const image = random() < 0.4;
  const classes = 2 + below(3);
  const lines: string[] = [
    `hyper classes = ${classes}`,
    `hyper share = ${pick(['0.3', '2', 'linear(from: 0, to: 1)', 'cosine(from: 0.5, to: 0.1)', '1 / 3'])}`,
    `hyper pace = ${pick(['1e-3', 'cosine(from: 1e-2, to: 0)', 'staircase(0.1, at: [0.5])'])}`,
    image ? `input x : image[${6 + below(3)}, 6, ${1 + below(2)}]` : `input x : vector[${3 + below(4)}]`,
    'label y : class[classes]',
  ];

  const values: Vector[] = [];
  const groups: string[] = [];
  const union = (...vectors: Vector[]): Set<string> => new Set(vectors.flatMap((v) => [...v.above]));
  const apply = (from: Vector | 'x'): Vector => {
    const group = `g${groups.length}`;
    groups.push(group);
    const size = 2 + below(3);
    const stem =
      from === 'x' && image
        ? `conv(${2 + below(2)}, bias: ${pick(['true', 'false'])}) |> batch_norm() |> prelu() |> ${pick(['flatten()', 'global_avg_pool()', 'max_pool(2) |> flatten()'])} |> `
        : '';
    const after = pick([
      '',
      ' |> batch_norm()',
      ' |> prelu()',
      ' |> relu()',
      ' |> tanh()',
      ' |> dropout(0.2)',
      ' |> layer_norm()',
    ]);
    lines.push(`group ${group} = ${stem}dense(${size})${after}`);
    const value = {
      name: `v${values.length}`,
      size,
      above: new Set([...(from === 'x' ? [] : from.above), group]),
    };
    lines.push(`${value.name} = ${group}(${from === 'x' ? 'x' : from.name})`);
    values.push(value);
    return value;
  };
  const define = (expression: string, size: number, above: ReadonlySet<string>): void => {
    const value = { name: `v${values.length}`, size, above };
    lines.push(`${value.name} = ${expression}`);
    values.push(value);
  };

  apply('x');
  for (let i = below(4); i > 0; i--) {
    const from = pick(values);
    switch (below(7)) {
      case 0:
        define(`stop(${from.name})`, from.size, new Set());
        break;
      case 1:
        define(`${pick(['tanh', 'sigmoid', 'square', 'normalize'])}(${from.name})`, from.size, from.above);
        break;
      case 2: {
        const other = pick(values);
        define(`concat(${from.name}, ${other.name})`, from.size + other.size, union(from, other));
        break;
      }
      case 3:
        define(`share * ${from.name} - ${from.name} ^ 2`, from.size, from.above);
        break;
      default:
        apply(from);
    }
  }
  const last = values.findLast((v) => v.above.size > 0)!;
  lines.push(
    `group head = ${random() < 0.3 ? 'cosine_dense(classes)' : 'dense(classes)'}`,
    `z = head(${last.name})`,
  );

  const updated = new Set<string>();
  const losses: string[] = [];
  const addLoss = (expression: string, above: ReadonlySet<string>): void => {
    const name = `loss_${losses.length}`;
    const route = [...above].filter(() => random() < 0.6);
    if (route.length === 0) route.push(pick([...above]));
    for (const group of route) updated.add(group);
    const targets = route.map((g) => g + maybe(` by ${pick(['-share', '-1', '1/10', 'share', '2'])}`, 0.3));
    lines.push(
      `loss ${name} = ${expression}`,
      `  updates ${random() < 0.2 && route.length === above.size ? 'all' : targets.join(', ')}`,
    );
    losses.push(name);
  };
  const all = new Set([...last.above, 'head']);
  addLoss(`cross_entropy(z, y${maybe(', smoothing: 0.1', 0.3)})`, all);
  if (random() < 0.7) addLoss('-mean(log_softmax(z))', all);
  for (const v of values) if (v.above.size > 0 && random() < 0.5) addLoss(`mean(abs(${v.name}))`, v.above);
  for (const group of [...groups, 'head']) {
    if (updated.has(group)) continue;
    const at =
      group === 'head' ? { name: 'z', above: all } : values.find((v) => v.above.has(group) && v.size > 0)!;
    lines.push(`loss for_${group} = mean(${at.name} ^ 2) updates ${group}`);
    losses.push(`for_${group}`);
  }
  lines.push(`predict y = softmax(z)`);
  const weight = (): string => pick(['', '', '2 * ', 'share * ', '0.1 * ']);
  const optimizer = pick([
    `adam(rate: pace${maybe(', weight_decay: 5e-4, decoupled: true')})`,
    `sgd(pace, momentum: ${pick(['0', '0.9'])}${maybe(', nesterov: true', 0)}${maybe(', clip_norm: 1')})`,
    `rmsprop(pace${maybe(', clamp: 0.5')}${maybe(', weight_decay: 1e-3, decay_on: kernels')})`,
  ]);
  const step = (sum: readonly string[]): string =>
    `minimize ${sum.map((l) => `${weight()}${l}`).join(' + ')} using ${optimizer}`;
  const train =
    losses.length > 1 && random() < 0.3
      ? `step one ${maybe('repeat 2 ')}{ ${step(losses.slice(0, 1))} }\n  step two { ${step(losses.slice(1))} }`
      : step(losses);
  lines.push(`train {\n  ${train}\n  batch 4\n  epochs 2\n  log mean(v0)${maybe(', accuracy(z, y)')}\n}`);
  return `model random {\n${lines.map((l) => `  ${l}`).join('\n')}\n}\n`;
}
