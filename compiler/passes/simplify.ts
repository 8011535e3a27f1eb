/**
 * @file Small rewrites that never change a value: they keep false paths and needless nodes out of the graph before differentiation.
 * Removes: slices of concats (of the parts they do not meet), reshapes of reshapes, scalings by 1 and of scalings, identity reshapes and broadcasts, double negation, dead nodes.
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
      if (from.op === 'scale' && from.name === undefined && !isMean(from, builder)) {
        const both = C.multiply(by, from.attrs['by'] as Coefficient);
        return C.isOne(both) ? from.inputs : emit('scale', from.inputs, { by: both });
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

/** A mean over the batch to one number stays in one piece: losses that are multiples of it then share it as a term. */
function isMean(node: Node, builder: GraphBuilder): boolean {
  const { powers } = node.attrs['by'] as Coefficient;
  return builder.type(node.outputs[0]!).shape.length === 0 && powers.some(([, exponent]) => exponent < 0);
}

/** A slice of a concat reads only the parts it meets. */
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
  const met: ValueId[] = [];
  let start = 0;
  let before = 0;
  for (const part of concat.inputs) {
    const size = builder.type(part).shape[axis] as number;
    if (start < to && start + size > from) met.push(part);
    else if (start + size <= from) before += size;
    start += size;
  }
  if (met.length === concat.inputs.length) return undefined;
  const [joined] = met.length === 1 ? met : emit('concat', met, { axis });
  return to - from === builder.type(joined!).shape[axis]
    ? [joined!]
    : emit('slice', [joined!], { axis, from: from - before, to: to - before });
}
