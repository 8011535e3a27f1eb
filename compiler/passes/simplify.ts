/**
 * @file Small rewrites that never change a value: they keep false paths and needless nodes out of the graph before differentiation.
 * Removes: slices of concats, reshapes of reshapes, scalings by 1 and of scalings, identity reshapes and broadcasts, double negation, dead nodes.
 * Introduces: nothing new in kind.
 * Afterwards holds: equal computations stand once (the builder shares them).
 */
import type { GraphBuilder } from '../graph/builder.js';
import { sameShape, type Graph, type Node, type Shape, type ValueId } from '../graph/graph.js';
import * as C from '../scalar/coefficient.js';
import type { Coefficient } from '../scalar/coefficient.js';
import { rewrite } from './rewrite.js';

export function simplify(graph: Graph): Graph {
  return rewrite(graph, simplifyNode);
}

function simplifyNode(
  node: Node,
  inputs: readonly ValueId[],
  builder: GraphBuilder,
): readonly ValueId[] | undefined {
  const [x] = inputs;
  if (x === undefined) return undefined;
  const from = builder.producer(x);
  const { op: _, inputs: __, outputs: ___, attrs: ____, origin, ...place } = node;
  const emit = (op: string, operands: readonly ValueId[], attrs: Node['attrs']): readonly ValueId[] => [
    builder.emit(op, operands, attrs, origin, place),
  ];
  switch (node.op) {
    case 'scale': {
      const by = node.attrs['by'] as Coefficient;
      if (C.isOne(by)) return [x];
      if (from.op === 'scale' && from.name === undefined) {
        return emit('scale', from.inputs, { by: C.multiply(by, from.attrs['by'] as Coefficient) });
      }
      return undefined;
    }
    case 'neg':
      return from.op === 'neg' ? [from.inputs[0]!] : undefined;
    case 'reshape':
    case 'broadcast_to':
    case 'sum_to': {
      const shape = node.attrs['shape'] as Shape;
      if (sameShape(builder.type(x).shape, shape)) return [x];
      if (node.op === 'reshape' && from.op === 'reshape')
        return (
          simplifyNode({ ...node, inputs: from.inputs }, from.inputs, builder) ??
          emit('reshape', from.inputs, { shape })
        );
      return undefined;
    }
    case 'slice':
      return from.op === 'concat' ? sliceOfConcat(node, from, builder, emit) : undefined;
    default:
      return undefined;
  }
}

/** A slice that lies within one part of a concat reads that part alone. */
function sliceOfConcat(
  node: Node,
  concat: Node,
  builder: GraphBuilder,
  emit: (op: string, inputs: readonly ValueId[], attrs: Node['attrs']) => readonly ValueId[],
): readonly ValueId[] | undefined {
  const axis = node.attrs['axis'] as number;
  if (concat.attrs['axis'] !== axis) return undefined;
  const from = node.attrs['from'] as number;
  const to = node.attrs['to'] as number;
  let start = 0;
  for (const part of concat.inputs) {
    const size = builder.type(part).shape[axis] as number;
    if (from >= start && to <= start + size) {
      return from === start && to === start + size
        ? [part]
        : emit('slice', [part], { axis, from: from - start, to: to - start });
    }
    start += size;
  }
  return undefined;
}
