/** @file What a `where` chooses of a tensor, and with which weight: the argument of reductions and of `cross_entropy`. */
import { formatType, type Dim } from '../graph/graph.js';
import { broadcast, isProblem } from '../ops/shape.js';
import * as C from '../scalar/coefficient.js';
import type { Arguments } from './arguments.js';
import { maskIn, sampleMask } from './masks.js';
import { hasBatch, restOf, type Axes, type Tensors } from './tensors.js';
import type { TensorValue } from './values.js';

/** The largest f32: no chosen element is beyond it. */
const LARGEST = 3.4028234e38;

/** The argument `where`; undefined: everything is chosen. */
export function whereOf(args: Arguments, of: 'samples' | 'elements'): TensorValue | undefined {
  if (args.word('where', ['none'])) return undefined;
  const [value, span] = [args.value('where'), args.spanOf('where')];
  const where = of === 'samples' ? sampleMask(value, span, args.report) : maskIn(value, span, args.report);
  if (where === 'none')
    args.report.fail('ED4013', span, '`where: false` chooses nothing', { hint: 'give a condition' });
  if (where !== 'all') return where;
  args.report.warning('ED4009', span, '`where: true` has no effect', { hint: 'leave it out' });
  return undefined;
}

/** `x` with a mask: truth values, or weights. Both have one axis for each of `x`, of its size or 1. */
export class Chosen {
  readonly #mask: TensorValue;
  readonly #weights: TensorValue;
  readonly #chosen: TensorValue;

  constructor(
    readonly t: Tensors,
    readonly args: Arguments,
    readonly x: TensorValue,
    mask: TensorValue,
  ) {
    const isTruth = mask.type.dtype === 'bool';
    this.#mask = this.#aligned(isTruth ? mask : t.constantForLosses(mask));
    this.#weights = isTruth ? t.emit('cast', [this.#mask], { dtype: 'f32' }) : this.#mask;
    this.#chosen = isTruth ? this.#mask : t.binary('not_equal', this.#mask, t.constant(0));
  }

  sum(axes: Axes, x = this.x): TensorValue {
    return this.t.sum(this.#weighted(x), axes);
  }

  /** The weighted sum over the sum of the weights; 0 where nothing is chosen. */
  mean(axes: Axes, x = this.x, keep = false): TensorValue {
    const total = this.#total(axes, keep);
    const { t } = this;
    const safe = t.emit('select', [this.#isNothing(total), t.constant(1), total]);
    return t.div(t.sum(this.#weighted(x), axes, keep), safe);
  }

  variance(axes: Axes): TensorValue {
    const { t } = this;
    // What is not chosen may be anything, so it stays out of the differences too.
    const x = t.emit('select', [this.#chosen, this.x, t.constant(0)]);
    return this.mean(axes, t.unary('square', t.emit('sub', [x, this.mean(axes, x, true)])));
  }

  /** The extremum of what is chosen; 0 where nothing is. */
  extremum(op: 'max' | 'min', axes: Axes): TensorValue {
    const { t, args } = this;
    if (this.#mask.type.dtype !== 'bool')
      args.report.fail('ED4013', args.spanOf('where'), `\`${op}\` chooses by a condition, not by weights`, {
        hint: 'write a comparison, such as `weight > 0`',
      });
    const far = t.constant(op === 'max' ? -LARGEST : LARGEST);
    const candidates = t.emit('select', [this.#chosen, this.x, far]);
    return this.zeroIfNothing(t.emit(op, [candidates], { axes: [...axes], keep: false }), axes);
  }

  zeroIfNothing(result: TensorValue, axes: Axes): TensorValue {
    const { t } = this;
    return t.emit('select', [this.#isNothing(this.#total(axes, false)), t.constant(0), result]);
  }

  #weighted(x: TensorValue): TensorValue {
    const { t } = this;
    const by = this.#mask.type.dtype === 'bool' ? x : t.emit('mul', [x, this.#weights]);
    return t.emit('select', [this.#chosen, by, t.constant(0)]);
  }

  /** The sum of the weights over `axes`, as if they were spread over all of `x`. */
  #total(axes: Axes, keep: boolean): TensorValue {
    const own = this.#weights.type.shape;
    const times = axes.reduce((by, axis) => {
      const size = this.x.type.shape[axis]!;
      if (own[axis] === size) return by;
      return C.multiply(by, size === 'batch' ? C.named('batch') : C.exactly(size));
    }, C.ONE);
    return this.t.scale(this.t.sum(this.#weights, axes, keep), times);
  }

  #isNothing(total: TensorValue): TensorValue {
    return this.t.binary('equal', total, this.t.constant(0));
  }

  #aligned(mask: TensorValue): TensorValue {
    const { t, x, args } = this;
    const missing = Math.max(0, restOf(x).length - restOf(mask).length);
    const front: Dim[] = hasBatch(x) ? [hasBatch(mask) ? 'batch' : 1] : hasBatch(mask) ? ['batch'] : [];
    const shape = [...front, ...Array.from({ length: missing }, () => 1), ...restOf(mask)];
    const spread = broadcast(x.type.shape, shape);
    if (isProblem(spread) || spread.join() !== x.type.shape.join())
      args.report.fail(
        'ED3001',
        args.spanOf('where'),
        `\`where\` of \`${args.name}\` is \`${formatType(mask.type)}\`, which does not fit \`${formatType(x.type)}\``,
        {
          labels: [{ span: args.spanOf('x'), message: `this is \`${formatType(x.type)}\`` }],
          hint: 'give one number or truth value per sample, or per element',
        },
      );
    return shape.join() === mask.type.shape.join() ? mask : t.reshape(mask, shape);
  }
}
