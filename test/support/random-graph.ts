/** @file Random graphs with several routed losses, built from a handful of differentiable operations. Seeded, so a failure can be replayed. */
import { GraphBuilder } from '../../compiler/graph/builder.js';
import type { Attrs, Graph, Node, Output, Shape, ValueId } from '../../compiler/graph/graph.js';
import type { Mask, RoutedObjective } from '../../compiler/routing/terms.js';
import * as C from '../../compiler/scalar/coefficient.js';
import type { Coefficient } from '../../compiler/scalar/coefficient.js';

/** mulberry32: enough for test data. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface RandomCase {
  readonly graph: Graph;
  readonly objective: RoutedObjective;
  /** Run-time scalars that coefficients name. */
  readonly scalars: Record<string, number>;
  /** The number of samples: 1 where nothing has a batch. */
  readonly batch: number;
}

export type CoefficientStyle = 'zero-one' | 'real' | 'sign' | 'symbolic' | 'rank-deficient';

const SIZE = 3;
const BATCH = 2;
const ORIGIN = { from: 'source' };

/** With `masked`, values have a batch, and about half of the routes a mask of truth values or of numbers. */
export function randomCase(seed: number, style: CoefficientStyle, masked = false): RandomCase {
  const random = randomFrom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const builder = new GraphBuilder();
  const shape: Shape = masked ? ['batch', SIZE] : [SIZE];
  const axes = shape.map((_, axis) => axis);
  const sum = (v: ValueId): ValueId => builder.emit('sum', [v], { axes, keep: false }, ORIGIN);
  const groupCount = 2 + Math.floor(random() * 3);
  const groups = Array.from({ length: groupCount }, (_, g) => ({
    name: `g${g}`,
    parameters: Array.from({ length: 1 + Math.floor(random() * 2) }, (_, i) =>
      builder.emit('parameter', [], { path: `g${g}.p${i}`, shape: [SIZE] }, ORIGIN, { group: `g${g}` }),
    ),
  }));
  const values: ValueId[] = [builder.emit('input', [], { name: 'x', shape }, ORIGIN)];
  // Parameters come in late as well as early, so that some groups lie above and others below.
  const waiting = groups.flatMap((g) => g.parameters.map((p) => ({ p, group: g.name })));
  const applied: typeof waiting = [];
  const inCouples = new Set<ValueId>();
  const steps = 6 + Math.floor(random() * 12);
  for (let i = 0; i < steps; i++) {
    // Now and then a parameter is used a second time, as by a group applied twice.
    const shared = applied.length > 0 && random() < 0.15 ? pick(applied) : undefined;
    const next = shared ?? (random() < 0.5 ? waiting.shift() : undefined);
    if (next && !shared) applied.push(next);
    const group = next?.group ?? (masked && random() < 0.4 ? pick(groups).name : undefined);
    const application = masked && group !== undefined ? { application: 1 + Math.floor(random() * 2) } : {};
    const place = { ...(group !== undefined && { group }), ...application };
    const recent = values[values.length - 1]!;
    const a = next ? next.p : random() < 0.6 ? recent : pick(values);
    // A sum over all elements, spread again, couples them as batch statistics do.
    const coupled = masked && !next && group !== undefined && random() < 0.5 ? recent : undefined;
    const b =
      coupled !== undefined && !inCouples.has(coupled)
        ? // Inside a group, a sum over the samples couples them, as batch norm does.
          (inCouples.add(coupled), builder.emit('sum', [coupled], { axes: [0], keep: true }, ORIGIN, place))
        : next
          ? recent
          : random() < 0.15
            ? sum(pick(values))
            : pick(values);
    const op = next
      ? pick(['mul', 'add'])
      : pick(['add', 'sub', 'mul', 'tanh', 'scale', 'stop', 'square', 'add', 'tanh']);
    const inputs = op === 'add' || op === 'sub' || op === 'mul' ? [a, b] : [a];
    const attrs: Attrs = op === 'scale' ? { by: C.exactly(Math.floor(random() * 5) - 2 || 3, 2) } : {};
    values.push(builder.emit(op, inputs, attrs, ORIGIN, place));
  }
  for (const { p, group } of waiting)
    values.push(builder.emit('mul', [p, pick(values)], {}, ORIGIN, { group }));

  const lossCount = 2 + Math.floor(random() * 3);
  const lossValues: ValueId[] = [];
  for (let l = 0; l < lossCount; l++) {
    const term = sum(pick(values.slice(-Math.min(8, values.length))));
    // Losses built from losses share terms.
    const shared = lossValues.length > 0 && random() < 0.3 ? pick(lossValues) : undefined;
    lossValues.push(
      shared === undefined ? term : builder.emit(pick(['add', 'sub']), [term, shared], {}, ORIGIN),
    );
  }
  const coefficient = (): Coefficient => {
    switch (style) {
      case 'zero-one':
        return C.ONE;
      case 'sign':
        return pick([C.ONE, C.exactly(-1)]);
      case 'real':
      case 'rank-deficient':
        return C.exactly(pick([1, 2, -3, 5, 1]), pick([1, 10, 7]));
      case 'symbolic':
        return C.multiply(
          pick([C.ONE, C.named('lambda'), C.named('mu'), C.exactly(2)]),
          C.exactly(pick([1, -1])),
        );
    }
  };
  const columns =
    style === 'rank-deficient'
      ? dependentColumns(groups.length, lossCount, random)
      : groups.map(() => lossValues.map(() => (random() < 0.55 ? coefficient() : C.ZERO)));
  const masks = masked ? randomMasks(builder) : [];
  const losses = lossValues.map((value, l) => ({
    name: `l${l}`,
    value,
    weight: coefficient(),
    route: new Map(
      groups.flatMap((g, i) => (C.isZero(columns[i]![l]!) ? [] : [[g.name, columns[i]![l]!] as const])),
    ),
    ...(masked && {
      masks: new Map(groups.flatMap((g) => (random() < 0.5 ? [[g.name, pick(masks)] as const] : []))),
    }),
  }));
  const outputs = [
    ...losses.map(({ name, value }): Output => ({ role: 'loss', name, value })),
    ...masks.map(({ text, value }): Output => ({ role: 'mask', name: text, value })),
  ];
  const graph = builder.build(outputs);
  const batch = masked ? BATCH : 1;
  return { graph, objective: { losses, groups }, scalars: { lambda: 0.3, mu: -1.7, batch }, batch };
}

/** One of truth values and one of numbers. */
function randomMasks(builder: GraphBuilder): Mask[] {
  const inputs = ['m', 'w'].map((name) => builder.emit('input', [], { name, shape: ['batch'] }, ORIGIN));
  const zero = builder.emit('constant', [], { value: C.ZERO }, ORIGIN);
  return [
    { text: 'm > 0', value: builder.emit('greater', [inputs[0]!, zero], {}, ORIGIN) },
    { text: 'w', value: inputs[1]! },
  ];
}

/** Columns over the losses, each a small combination of the same two. */
function dependentColumns(groups: number, losses: number, random: () => number): Coefficient[][] {
  const small = (): number => Math.floor(random() * 5) - 2;
  const base = [0, 1].map(() => Array.from({ length: losses }, small));
  return Array.from({ length: groups }, () => {
    const [a, b] = [small(), small()];
    return Array.from({ length: losses }, (_, l) => C.exactly(a * base[0]![l]! + b * base[1]![l]!));
  });
}

/** Reverse mode as a textbook has it, one loss at a time, on numbers: independent of the compiler's rules. */
export function referenceGradients(
  c: RandomCase,
  feeds: ReadonlyMap<string, Float64Array>,
): Map<ValueId, Float64Array> {
  const numbers = new Map<ValueId, Float64Array>();
  const number = (by: Coefficient): number => C.evaluate(by, c.scalars);
  for (const node of c.graph.nodes) {
    const [a, b] = node.inputs.map((id) => numbers.get(id)!);
    const map = (f: (x: number, y: number) => number): Float64Array =>
      Float64Array.from({ length: Math.max(a!.length, b?.length ?? 0) }, (_, i) =>
        f(spread(a!, i), b ? spread(b, i) : 0),
      );
    const value = ((): Float64Array => {
      switch (node.op) {
        case 'parameter':
          return feeds.get(node.attrs['path'] as string)!;
        case 'input':
          return feeds.get(node.attrs['name'] as string)!;
        case 'add':
          return map((x, y) => x + y);
        case 'sub':
          return map((x, y) => x - y);
        case 'mul':
          return map((x, y) => x * y);
        case 'tanh':
          return map(Math.tanh);
        case 'square':
          return map((x) => x * x);
        case 'stop':
          return a!;
        case 'scale':
          return map((x) => x * number(node.attrs['by'] as Coefficient));
        case 'constant':
          return Float64Array.of(number(node.attrs['value'] as Coefficient));
        case 'greater':
          return map((x, y) => Number(x > y));
        case 'sum':
          return (node.attrs['axes'] as number[]).length === shapeOf(c, node).length
            ? Float64Array.of(a!.reduce((s, x) => s + x, 0))
            : Float64Array.from({ length: SIZE }, (_, i) =>
                a!.reduce((s, x, j) => s + (j % SIZE === i ? x : 0), 0),
              );
        default:
          throw new Error(node.op);
      }
    })();
    numbers.set(node.outputs[0]!, value);
  }
  const total = new Map<ValueId, Float64Array>();
  for (const loss of c.objective.losses) {
    const seed: Adjoints = new Map([[loss.value, Float64Array.of(1)]]);
    const plain = sweep(c, numbers, seed, (node) => seed.get(node.outputs[0]!));
    for (const group of c.objective.groups) {
      const by = loss.route.get(group.name);
      if (!by) continue;
      const weight = number(loss.weight) * number(by);
      const mask = loss.masks?.get(group.name);
      const adjoint = mask ? maskedSweep(c, numbers, plain, group.name, numbers.get(mask.value)!) : plain;
      for (const p of group.parameters) {
        const g = adjoint.get(p);
        if (!g) continue;
        const known = total.get(p) ?? new Float64Array(SIZE);
        total.set(
          p,
          known.map((x, i) => x + weight * g[i]!),
        );
      }
    }
  }
  return total;
}

const shapeOf = (c: RandomCase, node: Node): Shape => c.graph.values[node.inputs[0]!]!.shape;

type Adjoints = Map<ValueId, Float64Array>;

/** What a group gets under a mask: the adjoints at the exits of its applications, masked, and no further than to their entries. */
function maskedSweep(
  c: RandomCase,
  numbers: Adjoints,
  plain: Adjoints,
  group: string,
  mask: Float64Array,
): Adjoints {
  const inside: Adjoints = new Map();
  const producer = new Map(c.graph.nodes.map((node) => [node.outputs[0]!, node]));
  const perSample = (x: Float64Array): Float64Array =>
    x.map((value, i) => value * mask[Math.floor(i / (x.length / c.batch))]!);
  const within = (node: Node, id: ValueId): boolean =>
    producer.get(id)!.op === 'parameter' || producer.get(id)!.application === node.application;
  return sweep(c, numbers, inside, (node, id) => {
    if (producer.get(id)!.group !== group) return undefined;
    if (node.group === group && within(node, id)) return inside.get(node.outputs[0]!);
    const outside = plain.get(node.outputs[0]!);
    return outside && { d: outside, inside: perSample };
  });
}

/** The adjoint that a node passes on to its operand `id`; `inside` is applied to what arrives there. */
type Passed = Float64Array | { readonly d: Float64Array; readonly inside: (x: Float64Array) => Float64Array };

function sweep(
  c: RandomCase,
  numbers: Adjoints,
  adjoint: Adjoints,
  passed: (node: Node, id: ValueId) => Passed | undefined,
): Adjoints {
  for (const node of c.graph.nodes.toReversed()) {
    const y = numbers.get(node.outputs[0]!)!;
    node.inputs.forEach((id, k) => {
      const arriving = passed(node, id);
      if (!arriving) return;
      const { d, inside } = 'inside' in arriving ? arriving : { d: arriving, inside: (x: Float64Array) => x };
      const x = numbers.get(id)!;
      const other = numbers.get(node.inputs[1 - k] ?? id)!;
      const slope = ((): ((i: number) => number) | undefined => {
        switch (node.op) {
          case 'add':
          case 'sum':
            return () => 1;
          case 'sub':
            return () => (k === 0 ? 1 : -1);
          case 'mul':
            return (i) => spread(other, i);
          case 'tanh':
            return (i) => 1 - y[i]! ** 2;
          case 'square':
            return (i) => 2 * x[i]!;
          case 'scale':
            return () => C.evaluate(node.attrs['by'] as Coefficient, c.scalars);
          default:
            return undefined;
        }
      })();
      if (!slope) return;
      const contribution = new Float64Array(x.length);
      for (let i = 0; i < Math.max(x.length, y.length); i++)
        contribution[i % x.length]! += spread(d, i) * slope(i);
      const before = adjoint.get(id) ?? new Float64Array(x.length);
      adjoint.set(
        id,
        inside(contribution).map((value, i) => value + before[i]!),
      );
    });
  }
  return adjoint;
}

/** The i-th element of x repeated. */
const spread = (x: Float64Array, i: number): number => x[i % x.length]!;
