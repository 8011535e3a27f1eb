/** @file Emits tensor operations for the elaborator: aligns operands by the language's rule and turns refusals into diagnostics. */
import type { Span } from '../../grammar/span.js';
import { OperandError, type GraphBuilder, type NodePlace } from '../graph/builder.js';
import { formatType, type Attrs, type Dim, type Shape } from '../graph/graph.js';
import type { Report } from '../diagnostics/report.js';
import type { Problem } from '../ops/rule.js';
import { broadcast, isProblem } from '../ops/shape.js';
import * as C from '../scalar/coefficient.js';
import type { Coefficient } from '../scalar/coefficient.js';
import type { TensorValue } from './values.js';

/** Axes counted with batch = 0. */
export type Axes = readonly number[];

/** Operations at one place of the source. */
export class Tensors {
  constructor(
    readonly builder: GraphBuilder,
    readonly report: Report,
    readonly span: Span,
    /** As the user wrote it, for messages: `conv`. */
    readonly name: string,
    readonly place: NodePlace = {},
  ) {}

  /** `spans` are those of the operands, for the message when one does not fit. */
  emit(op: string, inputs: readonly TensorValue[], attrs: Attrs = {}, spans?: readonly Span[]): TensorValue {
    const ids = inputs.map((t) => t.id);
    try {
      return this.tensor(this.builder.emit(op, ids, attrs, { span: this.span, from: 'source' }, this.place));
    } catch (error) {
      if (!(error instanceof OperandError)) throw error;
      this.#refused(error.problem, spans);
    }
  }

  #refused({ message, found, expected, operand }: Problem, spans?: readonly Span[]): never {
    const at = operand === undefined ? undefined : spans?.[operand];
    const first = operand === 0 ? undefined : spans?.[0];
    const facts = [
      ...(found === undefined ? [] : [`found ${asCode(found)}`]),
      ...(expected === undefined ? [] : [`expected ${asCode(expected)}`]),
    ];
    this.report.fail('ED3002', at ?? this.span, `\`${this.name}\`: ${message}`, {
      ...(facts.length > 0 && { label: facts.join(', ') }),
      ...(at &&
        first &&
        expected !== undefined && { labels: [{ span: first, message: `this is ${asCode(expected)}` }] }),
    });
  }

  tensor(id: number): TensorValue {
    return { kind: 'tensor', id, type: this.builder.type(id) };
  }

  /** An elementwise operation of two operands; `spans` are theirs, for the message when they do not fit. */
  binary(op: string, a: TensorValue, b: TensorValue, spans?: readonly [Span, Span]): TensorValue {
    const [x, y] = this.aligned([a, b]) as [TensorValue, TensorValue];
    const shape = broadcast(x.type.shape, y.type.shape);
    if (isProblem(shape))
      this.#mismatch(a, b, Math.max(x.type.shape.length, y.type.shape.length) - shape.axis!, spans);
    return this.emit(op, [x, y]);
  }

  /** Operands of an elementwise operation, so that batch axes meet and the other sizes align from the right. */
  aligned(operands: readonly TensorValue[]): TensorValue[] {
    const rank = Math.max(...operands.map((x) => restOf(x).length));
    return operands.map((x) => this.#alignBatch(x, rank));
  }

  /** A tensor with a batch axis gets sizes of 1 behind it until it has `rank` further axes. */
  #alignBatch(x: TensorValue, rank: number): TensorValue {
    const rest = restOf(x);
    if (!hasBatch(x) || rest.length === rank) return x;
    const shape: Dim[] = ['batch', ...Array.from({ length: rank - rest.length }, () => 1), ...rest];
    return this.emit('reshape', [x], { shape });
  }

  /** `fromEnd`: the axis of disagreement, the last one being 1. */
  #mismatch(a: TensorValue, b: TensorValue, fromEnd: number, spans?: readonly [Span, Span]): never {
    const [first, second] = [a, b].map(({ type }) => `\`${formatType(type)}\``) as [string, string];
    const axes = [a, b].map(({ type }) => type.shape.length - fromEnd) as [number, number];
    const along = (x: TensorValue, axis: number): string => `${x.type.shape[axis]} along axis ${axis}`;
    this.report.fail(
      'ED3001',
      spans?.[1] ?? this.span,
      `the shapes ${first} and ${second} do not fit ${axes[0] === axes[1] ? `along axis ${axes[0]}` : `where axis ${axes[0]} meets axis ${axes[1]}`}`,
      {
        label: `this is ${second}, ${along(b, axes[1])}`,
        ...(spans && { labels: [{ span: spans[0], message: `this is ${first}, ${along(a, axes[0])}` }] }),
        hint: 'sizes align from the right and must be equal, or one of them 1; the batch counts as axis 0',
      },
    );
  }

  add = (a: TensorValue, b: TensorValue): TensorValue => this.binary('add', a, b);
  sub = (a: TensorValue, b: TensorValue): TensorValue => this.binary('sub', a, b);
  mul = (a: TensorValue, b: TensorValue): TensorValue => this.binary('mul', a, b);
  div = (a: TensorValue, b: TensorValue): TensorValue => this.binary('div', a, b);
  unary = (op: string, x: TensorValue): TensorValue => this.emit(op, [x]);

  scale(x: TensorValue, by: Coefficient | number): TensorValue {
    const coefficient = typeof by === 'number' ? C.fromNumber(by) : by;
    return C.isOne(coefficient) ? x : this.emit('scale', [x], { by: coefficient });
  }

  /** A number as a tensor f32[]. */
  constant(value: Coefficient | number): TensorValue {
    const coefficient = typeof value === 'number' ? C.fromNumber(value) : value;
    return C.isFixed(coefficient)
      ? this.emit('constant', [], { value: coefficient })
      : this.emit('scalar', [], { by: coefficient });
  }

  sum(x: TensorValue, axes: Axes, keep = false): TensorValue {
    return axes.length === 0 ? x : this.emit('sum', [x], { axes: [...axes], keep });
  }

  /** The sum times 1/n exactly; over the batch axis that is batch^-1. */
  mean(x: TensorValue, axes: Axes, keep = false): TensorValue {
    const by = axes.reduce<Coefficient>((c, axis) => {
      const size = x.type.shape[axis]!;
      return C.divide(c, size === 'batch' ? C.named('batch') : C.exactly(size));
    }, C.ONE);
    return this.scale(this.sum(x, axes, keep), by);
  }

  meanOfAll(x: TensorValue): TensorValue {
    return this.mean(x, allAxes(x));
  }

  /** A weight written as `where`: its value, through which nobody learns. */
  constantForLosses(x: TensorValue): TensorValue {
    return this.tensor(this.builder.emit('stop', [x.id], {}, { span: this.span, from: 'where' }, this.place));
  }

  reshape(x: TensorValue, shape: Shape): TensorValue {
    return this.emit('reshape', [x], { shape });
  }
}

/** Types stand in backticks, phrases do not. */
const asCode = (text: string): string => (/^\w*\[.*\]$|^\w+$/.test(text) ? `\`${text}\`` : text);

export const allAxes = (x: TensorValue): number[] => x.type.shape.map((_, i) => i);
export const lastAxis = (x: TensorValue): number => x.type.shape.length - 1;
export const hasBatch = (x: TensorValue): boolean => x.type.shape[0] === 'batch';

/** The sizes without the batch axis. */
export const restOf = (x: TensorValue): number[] => x.type.shape.filter((d) => d !== 'batch');
