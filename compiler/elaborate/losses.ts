/** @file Loss functions. Each is a mean over the batch unless its line says otherwise; the formula and its source stand beside it. */
import * as C from '../scalar/coefficient.js';
import type { Coefficient } from '../scalar/coefficient.js';
import type { Arguments } from './arguments.js';
import { channelsOf } from './axes.js';
import { countUpTo, NOT_NEGATIVE, POSITIVE, SHARE } from '../scalar/ranges.js';
import { call, fixedNumber, rationalOf, type ScalarTable } from './numbers.js';
import * as Q from '../scalar/rational.js';
import { Chosen, whereOf } from './chosen.js';
import { hasBatch, restOf, type Tensors } from './tensors.js';
import type { LabelValue, TensorValue } from './values.js';
import { formatType } from '../graph/graph.js';

/** The margin m of `a_softmax` takes operations for each multiple of the angle; SphereFace uses 4. */
const MOST_ANGLES = 64;

type Loss = (t: Tensors, args: Arguments, scalars: ScalarTable) => TensorValue;

export const LOSSES: Readonly<Record<string, Loss>> = {
  cross_entropy: crossEntropy,
  /** log(1 + eᶻ) - y z, from logits. */
  binary_cross_entropy: (t, args) => {
    const [z, y] = pairOf(t, args, 'logits', 'target');
    return t.meanOfAll(t.sub(t.unary('softplus', z), t.mul(y, z)));
  },
  /** Additive margin (Wang et al. 2018, eq. 6): cross-entropy of s (cos - m) for the true class and s cos for the others. */
  am_softmax: (t, args, scalars) => {
    const { cos, target } = classification(t, args);
    const margin = t.scale(target, scalars.coefficient(args.number('m')));
    const logits = scaled(t, args, t.sub(cos, margin), scalars);
    return t.meanOfAll(t.emit('softmax_cross_entropy', [logits, target]));
  },
  /**
   * Multiplicative angular margin (SphereFace, Liu et al. 2017): ψ(θ) = (-1)ᵏ cos(m θ) - 2k for the true class, mixed with
   * its plain cosine as (λ cos θ + ψ(θ)) / (1 + λ): their λ starts at 1000 and anneals to 5, their s is the norm of the feature.
   */
  a_softmax: (t, args, scalars) => {
    const { cos, target } = classification(t, args);
    const m = args.fixed('m', countUpTo(MOST_ANGLES));
    const gap = t.sub(monotoneCosine(t, limited(t, cos), m), cos);
    const mixed = t.scale(t.mul(target, gap), shareOfMargin(args, scalars));
    const logits = scaled(t, args, t.add(cos, mixed), scalars);
    return t.meanOfAll(t.emit('softmax_cross_entropy', [logits, target]));
  },
  /** Additive angular margin (ArcFace, Deng et al. 2019): s cos(θ + m) for the true class. */
  arc_softmax: (t, args, scalars) => {
    const { cos, target } = classification(t, args);
    const m = args.number('m');
    const turned = (f: 'cos' | 'sin'): Coefficient => scalars.coefficient(call(f, m));
    const safe = limited(t, cos);
    const sine = t.unary('sqrt', t.sub(t.constant(1), t.unary('square', safe)));
    const shifted = t.sub(t.scale(safe, turned('cos')), t.scale(sine, turned('sin')));
    const logits = scaled(t, args, t.add(cos, t.mul(target, t.sub(shifted, cos))), scalars);
    return t.meanOfAll(t.emit('softmax_cross_entropy', [logits, target]));
  },
  mse: (t, args) => t.meanOfAll(t.unary('square', difference(t, args))),
  mae: (t, args) => t.meanOfAll(t.unary('abs', difference(t, args))),
  /** d²/2 up to |d| = delta, then delta (|d| - delta/2) (Huber 1964). */
  huber: (t, args) => {
    const delta = args.fixed('delta', POSITIVE);
    const distance = t.unary('abs', difference(t, args));
    const inner = t.binary('minimum', distance, t.constant(delta));
    return t.meanOfAll(t.add(t.scale(t.unary('square', inner), 0.5), t.scale(t.sub(distance, inner), delta)));
  },
  /** (same d² + (1 - same) max(0, margin - d)²) / 2 (Hadsell et al. 2006, eq. 4). */
  contrastive: (t, args, scalars) => {
    const [d, same] = pairOf(t, args, 'distance', 'same');
    const short = t.unary('relu', t.sub(t.constant(scalars.coefficient(args.number('margin'))), d));
    const different = t.mul(t.sub(t.constant(1), same), t.unary('square', short));
    return t.scale(t.meanOfAll(t.add(t.mul(same, t.unary('square', d)), different)), 0.5);
  },
  /** max(0, |a - p|² - |a - n|² + margin) (FaceNet, Schroff et al. 2015). */
  triplet: (t, args, scalars) => {
    const anchor = args.tensor('anchor');
    const squared = (name: string): TensorValue => {
      const difference = t.binary('sub', anchor, args.tensor(name), [
        args.spanOf('anchor'),
        args.spanOf(name),
      ]);
      const gap = t.unary('square', difference);
      return t.sum(gap, gap.type.shape.map((_, i) => i).slice(1));
    };
    const margin = t.constant(scalars.coefficient(args.number('margin')));
    return t.meanOfAll(t.unary('relu', t.add(t.sub(squared('positive'), squared('negative')), margin)));
  },
  /** Σ p (log p - log q) over the last axis, p and q probabilities. */
  kl: (t, args) => {
    const [p, q] = [args.tensor('p'), args.tensor('q')];
    const log = (x: TensorValue): TensorValue => t.unary('log', t.binary('maximum', x, t.constant(1e-12)));
    const ratio = t.binary('sub', log(p), log(q), [args.spanOf('p'), args.spanOf('q')]);
    const perSample = t.sum(t.mul(p, ratio), [channelsOf(args, p, 'p')]);
    return t.meanOfAll(perSample);
  },
};

/** -Σ target log softmax(logits); class weights multiply the loss of each sample by that of its class. */
function crossEntropy(t: Tensors, args: Arguments, scalars: ScalarTable): TensorValue {
  const logits = args.tensor('logits');
  const value = args.value('target');
  const hard = value.kind === 'label' ? oneHot(t, value) : args.tensorIn(value, 'target');
  if (hard.type.dtype !== 'f32' || !hasBatch(hard) || restOf(hard).length !== 1)
    args.report.fail(
      'ED3008',
      args.spanOf('target'),
      `\`cross_entropy\` needs a class label or probabilities \`f32[batch, n]\`, not \`${formatType(hard.type)}\``,
    );
  needClasses(t, args, 'logits', logits, hard);
  const smoothing = args.fixed('smoothing', SHARE);
  const n = hard.type.shape[1] as number;
  const target =
    smoothing === 0
      ? hard
      : t.add(t.scale(hard, 1 - smoothing), t.constant(C.divide(C.fromNumber(smoothing), C.exactly(n))));
  const entropy = t.emit('softmax_cross_entropy', [logits, target]);
  const perSample = args.word('weights', ['none'])
    ? entropy
    : t.mul(entropy, classWeights(t, args, hard, scalars));
  const where = whereOf(args, 'samples');
  return where ? new Chosen(t, args, perSample, where).mean([0]) : t.meanOfAll(perSample);
}

function classWeights(t: Tensors, args: Arguments, hard: TensorValue, scalars: ScalarTable): TensorValue {
  const n = hard.type.shape[1] as number;
  const expr = args.expr('weights');
  if (expr.kind !== 'list' || expr.items.length !== n) {
    args.report.fail(
      'ED3008',
      expr.span,
      `\`weights\` of \`cross_entropy\` is a list of ${n} numbers, one per class, or \`none\``,
    );
  }
  const columns = expr.items.map((item, i) =>
    t.scale(
      t.emit('slice', [hard], { axis: 1, from: i, to: i + 1 }),
      scalars.coefficient(args.numberOf(item, 'weights')),
    ),
  );
  return t.reshape(columns.reduce(t.add), ['batch']);
}

export function oneHot(t: Tensors, label: LabelValue): TensorValue {
  return t.emit('one_hot', [t.tensor(label.id())], { depth: label.label.classes.length });
}

/** The arguments of the margin losses: cosines [batch, n] and the one-hot label. */
function classification(t: Tensors, args: Arguments): { cos: TensorValue; target: TensorValue } {
  const cos = args.tensor('cos');
  const target = oneHot(t, args.label('label'));
  needClasses(t, args, 'cos', cos, target);
  return { cos, target };
}

/** `s` of the margin losses: a number, or one per sample, such as the norm of the feature. */
function scaled(t: Tensors, args: Arguments, cosines: TensorValue, scalars: ScalarTable): TensorValue {
  const s = args.value('s');
  if (s.kind === 'number') return t.scale(cosines, scalars.coefficient(s.number));
  const perSample = args.tensorIn(s, 's');
  const rest = restOf(perSample);
  if (perSample.type.dtype !== 'f32' || !hasBatch(perSample) || rest.length > 1 || (rest[0] ?? 1) !== 1)
    args.report.fail(
      'ED3008',
      args.spanOf('s'),
      `\`${args.name}\` needs a number for \`s\`, or one per sample, not \`${formatType(perSample.type)}\``,
      { hint: 'write, for example, `s: 30` or `s: norm(feature)`' },
    );
  return t.mul(cosines, rest.length === 1 ? perSample : t.reshape(perSample, ['batch', 1]));
}

/** 1 / (1 + λ). */
function shareOfMargin(args: Arguments, scalars: ScalarTable): Coefficient {
  const lambda = args.number('lambda');
  if (rationalOf(lambda)) args.fixed('lambda', NOT_NEGATIVE);
  const one = fixedNumber(Q.ONE);
  return scalars.coefficient(call('/', one, call('+', one, lambda)));
}

function needClasses(t: Tensors, args: Arguments, name: string, x: TensorValue, target: TensorValue): void {
  const n = target.type.shape[1];
  if (hasBatch(x) && restOf(x).length === 1 && x.type.shape[1] === n) return;
  t.report.fail(
    'ED3002',
    args.spanOf(name),
    `\`${args.name}\` needs one number per class, \`f32[batch, ${n}]\`, and gets \`${formatType(x.type)}\``,
    {
      label: `this is \`${formatType(x.type)}\``,
      labels: [
        { span: args.spanOf(args.isGiven('label') ? 'label' : 'target'), message: `this has ${n} classes` },
      ],
      hint: `let the layer before it have ${n} outputs, for example \`dense(${n})\``,
    },
  );
}

/** Two tensors of one number per sample each; [batch, 1] counts as [batch]. */
function pairOf(t: Tensors, args: Arguments, first: string, second: string): [TensorValue, TensorValue] {
  const flat = (name: string): TensorValue => {
    const value = args.value(name);
    // The class of a label with two is a number already: 0 or 1.
    const isBinary = value.kind === 'label' && value.label.classes.length === 2;
    if (isBinary && name === 'target') return t.emit('cast', [t.tensor(value.id())], { dtype: 'f32' });
    const x = args.tensorIn(value, name);
    const real = x.type.dtype === 'bool' ? t.emit('cast', [x], { dtype: 'f32' }) : x;
    return hasBatch(real) && restOf(real).join() === '1' ? t.reshape(real, ['batch']) : real;
  };
  const [a, b] = [flat(first), flat(second)];
  if (a.type.shape.join() !== b.type.shape.join()) {
    t.report.fail(
      'ED3001',
      args.spanOf(second),
      `\`${args.name}\` needs the same shape twice, and gets \`${formatType(a.type)}\` and \`${formatType(b.type)}\``,
      {
        label: `\`${second}\` is \`${formatType(b.type)}\``,
        labels: [{ span: args.spanOf(first), message: `\`${first}\` is \`${formatType(a.type)}\`` }],
        hint: 'give both the same shape',
      },
    );
  }
  return [a, b];
}

const difference = (t: Tensors, args: Arguments): TensorValue =>
  t.binary('sub', args.tensor('a'), args.tensor('b'), [args.spanOf('a'), args.spanOf('b')]);

/** Cosines kept away from ±1, where the slope of the angle is infinite. */
const limited = (t: Tensors, cos: TensorValue): TensorValue =>
  t.emit('clip', [cos], { from: -1 + 1e-6, to: 1 - 1e-6 });

/** (-1)ᵏ cos(m θ) - 2k with k = ⌊m θ / π⌋; cos(m θ) by the Chebyshev polynomial of cos θ. */
function monotoneCosine(t: Tensors, cos: TensorValue, m: number): TensorValue {
  let [previous, multiple] = [t.constant(1), cos];
  for (let i = 1; i < m; i++) {
    const next = t.sub(t.scale(t.mul(cos, multiple), 2), previous);
    [previous, multiple] = [multiple, next];
  }
  // k counts the thresholds cos(π j / m) that cos θ lies below.
  let k: TensorValue | undefined;
  for (let j = 1; j < m; j++) {
    const below = t.emit('cast', [t.binary('less', cos, t.constant(Math.cos((Math.PI * j) / m)))], {
      dtype: 'f32',
    });
    k = k ? t.add(k, below) : below;
  }
  if (!k) return multiple;
  const odd = t.unary('square', t.unary('sign', nonZeroWhereOdd(t, k, m)));
  const sign = t.sub(t.constant(1), t.scale(odd, 2));
  return t.sub(t.mul(sign, multiple), t.scale(k, 2));
}

/** Non-zero exactly for odd k: k (k - 2) (k - 4) …, with the even numbers below m as roots. */
function nonZeroWhereOdd(t: Tensors, k: TensorValue, m: number): TensorValue {
  let product = k;
  for (let root = 2; root < m; root += 2) product = t.mul(product, t.sub(k, t.constant(root)));
  return product;
}
