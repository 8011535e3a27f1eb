/** @file The adjoints that the op table gives an operation, as a graph of their own. */
import type { Graph, ValueId } from '../../compiler/graph/graph.js';
import { isOpenEdge, ruleOf } from '../../compiler/ops/table.js';
import { build, drawOperand, drawOperands, graphOf, type Case } from './operations.js';
import { randomFrom } from './random-graph.js';

export interface Derivative {
  /** Outputs `value:<k>`: the adjoint of operand k, for the adjoint of the first result fed as `adjoint`. */
  readonly graph: Graph;
  /** The operands that have one. */
  readonly open: readonly number[];
  /** The first result. */
  readonly result: ValueId;
  readonly draw: (batch: number, seed: number) => Map<string, Float32Array | Int32Array>;
}

/** Undefined: no operand has an adjoint. */
export function differentiable(operation: Case): Derivative | undefined {
  const built = build(operation);
  const { builder, outputs } = built;
  const [result] = outputs as [ValueId];
  const node = builder.producer(result);
  const { vjp } = ruleOf(node.op);
  if (typeof vjp !== 'function') return undefined;
  const origin = { from: `vjp of ${node.op}` };
  const { shape } = builder.type(result);
  const adjoint = builder.emit('input', [], { name: 'adjoint', shape }, origin);
  const open = node.inputs.map((_, k) => k).filter((k) => isOpenEdge(node, k, builder.values));
  const adjoints = open.map((k) =>
    vjp({
      node,
      k,
      adjoint,
      builder,
      emit: (op, inputs, attrs = {}) => builder.emit(op, inputs, attrs, origin),
      emitAll: (op, inputs, attrs = {}) => builder.emitAll(op, inputs, attrs, origin),
    }),
  );
  const graph = graphOf(built, adjoints);
  return {
    graph: { ...graph, outputs: graph.outputs.map((o, i) => ({ ...o, name: String(open[i]) })) },
    open,
    result,
    draw: (batch, seed) =>
      drawOperands(operation, batch, seed).set(
        'adjoint',
        drawOperand({ shape, domain: 'normal' }, batch, randomFrom(seed + 1)),
      ),
  };
}
