/** @file Losses to terms: the scalar values a loss is a linear combination of, and what each group wants of each. */
import type { Graph, Node, ValueId } from '../graph/graph.js';
import * as C from '../scalar/coefficient.js';
import type { Coefficient } from '../scalar/coefficient.js';
import * as Q from '../scalar/rational.js';
import type { Carrier } from './carrier.js';

/** What the differentiation of one step has to answer. */
export interface RoutedObjective {
  /** Declared losses of the step's objective, with their weight, and the coefficient per group that they update. */
  readonly losses: readonly {
    readonly name: string;
    readonly value: ValueId;
    readonly weight: Coefficient;
    readonly route: ReadonlyMap<string, Coefficient>;
  }[];
  /** Groups in declaration order, each with the values of its parameters. */
  readonly groups: readonly { readonly name: string; readonly parameters: readonly ValueId[] }[];
}

/** The matrix M: `wants` holds per group the column over terms. */
export interface Terms {
  readonly values: readonly ValueId[];
  /** For messages: the loss if it is one term, else the declared value that the term is, else `loss.2` for its second term. */
  readonly names: readonly string[];
  readonly wants: ReadonlyMap<string, Carrier>;
  /** Run-time scalars that stand for a sum of coefficients: name → summands. */
  readonly sums: ReadonlyMap<string, readonly Coefficient[]>;
}

/** Splits every loss into terms and folds weights and route coefficients into one column per group. */
export function collectTerms(graph: Graph, objective: RoutedObjective): Terms {
  const producer = producers(graph);
  const values: ValueId[] = [];
  const names: string[] = [];
  const summands = new Map<string, Coefficient[][]>(objective.groups.map((g) => [g.name, []]));
  const expansions = wholeWhereUnshared(
    objective.losses.map((loss) => ({ loss: loss.value, terms: linearTerms(producer, loss.value) })),
  );
  for (const [i, loss] of objective.losses.entries()) {
    let own = 0;
    for (const [value, coefficient] of expansions[i]!) {
      let index = values.indexOf(value);
      if (index < 0) {
        index = values.push(value) - 1;
        names.push(nameOf(producer.get(value)!, value === loss.value, loss.name, own, names));
      }
      own++;
      const weighted = C.multiply(coefficient, loss.weight);
      for (const [group, by] of loss.route) {
        const entry = C.multiply(weighted, by);
        if (!C.isZero(entry)) ((summands.get(group)![index] ??= []) as Coefficient[]).push(entry);
      }
    }
  }
  const sums = new Map<string, readonly Coefficient[]>();
  const wants = new Map<string, Carrier>();
  for (const [group, entries] of summands) {
    wants.set(
      group,
      values.map((_, t) => addAll(entries[t] ?? [], sums)),
    );
  }
  return { values, names, wants, sums };
}

function nameOf(
  node: Node,
  isLoss: boolean,
  loss: string,
  position: number,
  taken: readonly string[],
): string {
  const declared = isLoss ? loss : node.name;
  if (declared !== undefined && !taken.includes(declared)) return declared;
  return position === 0 && !taken.includes(loss) ? loss : `${loss}.${position + 1}`;
}

/** A loss of one term that no other loss shares stays whole: its column then shows the user's own numbers. */
function wholeWhereUnshared(
  expansions: readonly { readonly loss: ValueId; readonly terms: Map<ValueId, Coefficient> }[],
): Map<ValueId, Coefficient>[] {
  const uses = new Map<ValueId, number>();
  for (const { terms } of expansions)
    for (const value of terms.keys()) uses.set(value, (uses.get(value) ?? 0) + 1);
  return expansions.map(({ loss, terms }) => {
    const [only] = terms;
    if (terms.size !== 1 || C.isZero(only![1])) return terms;
    return uses.get(only![0]) === 1 ? new Map([[loss, C.ONE]]) : terms;
  });
}

/** Coefficients that differ only in their rational factor are added exactly; anything else becomes a scalar of its own name. */
function addAll(
  entries: readonly Coefficient[],
  sums: Map<string, readonly Coefficient[]>,
): Coefficient | null {
  const merged: Coefficient[] = [];
  for (const entry of entries) {
    const home = merged.findIndex((m) => C.samePowers(m, entry));
    if (home < 0) merged.push(entry);
    else merged[home] = addExactly(merged[home]!, entry)!;
  }
  const nonZero = merged.filter((m) => !C.isZero(m));
  if (nonZero.length === 0) return null;
  if (nonZero.length === 1) return nonZero[0]!;
  const text = nonZero.map(C.formatCoefficient).join('+');
  const known = [...sums].find(([, parts]) => parts.map(C.formatCoefficient).join('+') === text);
  const name = known?.[0] ?? `sum.${sums.size + 1}`;
  sums.set(name, nonZero);
  return C.named(name);
}

/** What a loss is a sum of; the loss itself, where the coefficients of a term cannot be added exactly. */
function linearTerms(producer: ReadonlyMap<ValueId, Node>, loss: ValueId): Map<ValueId, Coefficient> {
  const summands = (value: ValueId): readonly Summand[] | null => summandsOf(producer.get(value)!);
  // Operands before what is computed from them: a value is met once, however many paths lead to it.
  const order: ValueId[] = [];
  const seen = new Set<ValueId>();
  const visit = (value: ValueId): void => {
    if (seen.has(value)) return;
    seen.add(value);
    for (const [operand] of summands(value) ?? []) visit(operand);
    order.push(value);
  };
  visit(loss);
  const coefficients = new Map([[loss, C.ONE]]);
  for (const value of order.toReversed()) {
    for (const [operand, by] of summands(value) ?? []) {
      const more = C.multiply(coefficients.get(value)!, by);
      const sum = addExactly(coefficients.get(operand) ?? C.ZERO, more);
      if (!sum) return new Map([[loss, C.ONE]]);
      coefficients.set(operand, sum);
    }
  }
  const terms = order.filter((value) => summands(value) === null);
  return new Map(terms.map((value) => [value, coefficients.get(value)!]));
}

/** null where only a run-time scalar of its own could hold the sum. */
function addExactly(a: Coefficient, b: Coefficient): Coefficient | null {
  if (C.isZero(a)) return b;
  if (C.isZero(b)) return a;
  return C.samePowers(a, b) ? { factor: Q.add(a.factor, b.factor), powers: a.powers } : null;
}

type Summand = readonly [ValueId, Coefficient];

/** The operands of scalar addition, subtraction, negation and scaling, with their coefficients; null: the value is a term. */
function summandsOf({ op, inputs, attrs }: Node): readonly Summand[] | null {
  switch (op) {
    case 'add':
      return inputs.map((input) => [input, C.ONE]);
    case 'sub':
      return [
        [inputs[0]!, C.ONE],
        [inputs[1]!, C.negate(C.ONE)],
      ];
    case 'neg':
      return [[inputs[0]!, C.negate(C.ONE)]];
    case 'scale': {
      const by = attrs['by'] as Coefficient;
      // A division by the batch size belongs to the mean below it, not to the weight of the term.
      return by.powers.some(([, exponent]) => exponent < 0) ? null : [[inputs[0]!, by]];
    }
    default:
      return null;
  }
}

function producers(graph: Graph): Map<ValueId, Node> {
  const map = new Map<ValueId, Node>();
  for (const node of graph.nodes) for (const output of node.outputs) map.set(output, node);
  return map;
}
