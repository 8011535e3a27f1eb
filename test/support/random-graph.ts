/** @file Random graphs with several routed losses, built from a handful of differentiable operations. Seeded, so a failure can be replayed. */
import { GraphBuilder } from '../../compiler/graph/builder.js';
import type { Attrs, Graph, Output, ValueId } from '../../compiler/graph/graph.js';
import type { RoutedObjective } from '../../compiler/routing/terms.js';
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
}

export type CoefficientStyle = 'zero-one' | 'real' | 'sign' | 'symbolic' | 'rank-deficient';

const SIZE = 3;
const ORIGIN = { from: 'source' };

export function randomCase(seed: number, style: CoefficientStyle): RandomCase {
  const random = randomFrom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const builder = new GraphBuilder();
  const sum = (v: ValueId): ValueId => builder.emit('sum', [v], { axes: [0], keep: false }, ORIGIN);
  const groupCount = 2 + Math.floor(random() * 3);
  const groups = Array.from({ length: groupCount }, (_, g) => ({
    name: `g${g}`,
    parameters: Array.from({ length: 1 + Math.floor(random() * 2) }, (_, i) =>
      builder.emit('parameter', [], { path: `g${g}.p${i}`, shape: [SIZE] }, ORIGIN, { group: `g${g}` }),
    ),
  }));
  const values: ValueId[] = [builder.emit('input', [], { name: 'x', shape: [SIZE] }, ORIGIN)];
  // Parameters come in late as well as early, so that some groups lie above and others below.
  const waiting = groups.flatMap((g) => g.parameters.map((p) => ({ p, group: g.name })));
  const applied: typeof waiting = [];
  const steps = 6 + Math.floor(random() * 12);
  for (let i = 0; i < steps; i++) {
    // Now and then a parameter is used a second time, as by a group applied twice.
    const shared = applied.length > 0 && random() < 0.15 ? pick(applied) : undefined;
    const next = shared ?? (random() < 0.5 ? waiting.shift() : undefined);
    if (next && !shared) applied.push(next);
    const place = next ? { group: next.group } : {};
    const recent = values[values.length - 1]!;
    const a = next ? next.p : random() < 0.6 ? recent : pick(values);
    // A sum over all elements, spread again, couples them as batch statistics do.
    const b = next ? recent : random() < 0.15 ? sum(pick(values)) : pick(values);
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
  const losses = lossValues.map((value, l) => ({
    name: `l${l}`,
    value,
    weight: coefficient(),
    route: new Map(
      groups.flatMap((g, i) => (C.isZero(columns[i]![l]!) ? [] : [[g.name, columns[i]![l]!] as const])),
    ),
  }));
  const outputs = losses.map(({ name, value }): Output => ({ role: 'loss', name, value }));
  const graph = builder.build(outputs);
  return { graph, objective: { losses, groups }, scalars: { lambda: 0.3, mu: -1.7, batch: 1 } };
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
        case 'sum':
          return Float64Array.of(a!.reduce((s, x) => s + x, 0));
        default:
          throw new Error(node.op);
      }
    })();
    numbers.set(node.outputs[0]!, value);
  }
  const total = new Map<ValueId, Float64Array>();
  for (const loss of c.objective.losses) {
    const adjoint = new Map<ValueId, Float64Array>([[loss.value, Float64Array.of(1)]]);
    const add = (id: ValueId, count: number, f: (i: number) => number): void => {
      const size = numbers.get(id)!.length;
      const next = Float64Array.from(adjoint.get(id) ?? new Float64Array(size));
      for (let i = 0; i < count; i++) next[size === 1 ? 0 : i]! += f(i);
      adjoint.set(id, next);
    };
    for (let n = c.graph.nodes.length - 1; n >= 0; n--) {
      const node = c.graph.nodes[n]!;
      const d = adjoint.get(node.outputs[0]!);
      if (!d) continue;
      const [a, b] = node.inputs as [ValueId, ValueId];
      const y = numbers.get(node.outputs[0]!)!;
      const at = (id: ValueId, i: number): number => spread(numbers.get(id)!, i);
      const accumulate = (id: ValueId, f: (i: number) => number): void =>
        add(id, Math.max(y.length, numbers.get(id)!.length), f);
      switch (node.op) {
        case 'add':
          accumulate(a, (i) => d[i]!);
          accumulate(b, (i) => d[i]!);
          break;
        case 'sub':
          accumulate(a, (i) => d[i]!);
          accumulate(b, (i) => -d[i]!);
          break;
        case 'mul':
          accumulate(a, (i) => d[i]! * at(b, i));
          accumulate(b, (i) => d[i]! * at(a, i));
          break;
        case 'tanh':
          accumulate(a, (i) => d[i]! * (1 - y[i]! ** 2));
          break;
        case 'square':
          accumulate(a, (i) => 2 * d[i]! * at(a, i));
          break;
        case 'scale':
          accumulate(a, (i) => d[i]! * number(node.attrs['by'] as Coefficient));
          break;
        case 'sum':
          accumulate(a, () => d[0]!);
          break;
        default:
      }
    }
    for (const group of c.objective.groups) {
      const by = loss.route.get(group.name);
      if (!by) continue;
      const weight = number(loss.weight) * number(by);
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

/** The i-th element, or the only one. */
const spread = (x: Float64Array, i: number): number => x[x.length === 1 ? 0 : i]!;
