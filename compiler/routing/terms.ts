/** @file Losses to terms: the scalar values a loss is a linear combination of, and what each group wants of each. */
import type { Graph, Node, ValueId } from '../graph/graph.js';
import * as C from '../scalar/coefficient.js';
import type { Coefficient } from '../scalar/coefficient.js';
import * as Q from '../scalar/rational.js';
import type { Carrier } from './carrier.js';

/** A truth value or number per sample of the forward graph, and how it is written. */
export interface Mask {
  readonly value: ValueId;
  readonly text: string;
}

/** What the differentiation of one step has to answer. */
export interface RoutedObjective {
  /** Declared losses of the step's objective, with their weight, and the coefficient per group that they update. */
  readonly losses: readonly {
    readonly name: string;
    readonly value: ValueId;
    readonly weight: Coefficient;
    readonly route: ReadonlyMap<string, Coefficient>;
    /** Of the groups that get only a part of each sample's gradient. */
    readonly masks?: ReadonlyMap<string, Mask>;
  }[];
  /** Groups in declaration order, each with the values of its parameters. */
  readonly groups: readonly { readonly name: string; readonly parameters: readonly ValueId[] }[];
}

/**
 * The matrix M: `wants` holds per group the column over terms.
 * A term that some group wants under a mask has a row of its own for it, behind the plain ones.
 */
export interface Terms {
  readonly values: readonly ValueId[];
  /** For messages: the loss if it is one term, else the declared value that the term is, else `loss.2` for its second term. */
  readonly names: readonly string[];
  readonly wants: ReadonlyMap<string, Carrier>;
  /** The number of rows without a mask. */
  readonly plain: number;
  /** Of the masked rows, in order: the row without the mask, and the mask. */
  readonly masked: readonly { readonly row: number; readonly mask: Mask }[];
  /** Run-time scalars that stand for a sum of coefficients: name → summands. */
  readonly sums: ReadonlyMap<string, readonly Coefficient[]>;
}

/** Splits every loss into terms and folds weights and route coefficients into one column per group. */
export function collectTerms(graph: Graph, objective: RoutedObjective): Terms {
  const producer = producers(graph);
  const values: ValueId[] = [];
  const names: string[] = [];
  const summands = new Map(objective.groups.map((g) => [g.name, new Map<string, Summands>()]));
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
        if (C.isZero(entry)) continue;
        const mask = loss.masks?.get(group);
        const own = summands.get(group)!;
        const key = `${index}|${mask?.value ?? ''}`;
        if (!own.has(key)) own.set(key, { row: index, mask, entries: [] });
        own.get(key)!.entries.push(entry);
      }
    }
  }
  const sums = new Map<string, readonly Coefficient[]>();
  const masked: { row: number; mask: Mask }[] = [];
  const texts = maskTexts(objective);
  const rowOf = (row: number, mask: Mask | undefined): number => {
    if (!mask) return row;
    const known = masked.findIndex((m) => m.row === row && m.mask.value === mask.value);
    if (known >= 0) return values.length + known;
    return values.length + masked.push({ row, mask: { ...mask, text: texts.get(mask.value)! } }) - 1;
  };
  const columns = [...summands].map(([group, own]) => {
    const column = new Map<number, Coefficient>();
    for (const { row, mask, entries } of [...own.values()].sort((a, b) => a.row - b.row)) {
      const by = addAll(entries, sums);
      if (by) column.set(rowOf(row, mask), by);
    }
    return [group, column] as const;
  });
  const plain = values.length;
  return {
    values: [...values, ...masked.map((m) => values[m.row]!)],
    names: [...names, ...masked.map((m) => maskedName(names[m.row]!, m.mask.text))],
    wants: new Map(
      columns.map(([group, column]) => [
        group,
        Array.from({ length: plain + masked.length }, (_, t) => column.get(t) ?? null),
      ]),
    ),
    plain,
    masked,
    sums,
  };
}

/** How each mask is written; different masks of the same words are numbered. */
function maskTexts({ losses }: RoutedObjective): Map<ValueId, string> {
  const texts = new Map<ValueId, string>();
  for (const { value, text } of losses.flatMap((loss) => [...(loss.masks?.values() ?? [])])) {
    if (texts.has(value)) continue;
    const equal = [...texts.values()].filter((t) => t === text || t.startsWith(`${text} (`)).length;
    texts.set(value, equal === 0 ? text : `${text} (${equal + 1})`);
  }
  return texts;
}

/** What one group wants of one term, under one mask or none. */
interface Summands {
  readonly row: number;
  readonly mask: Mask | undefined;
  readonly entries: Coefficient[];
}

/** The name of a term under a mask: `l_low where is_low`. */
export const maskedName = (term: string, mask: string): string => `${term} where ${mask}`;

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

/** The node that computes each value. */
export function producers(graph: Graph): Map<ValueId, Node> {
  const map = new Map<ValueId, Node>();
  for (const node of graph.nodes) for (const output of node.outputs) map.set(output, node);
  return map;
}
