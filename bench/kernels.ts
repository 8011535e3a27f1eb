/** @file The single operations that are measured: every different one of the kinds below in the training graph, as a graph of its own. */
import { costOf } from '../compiler/graph/cost.js';
import { GraphBuilder } from '../compiler/graph/builder.js';
import type { Graph, Node, Shape, ValueId } from '../compiler/graph/graph.js';
import { random } from '../runtime/data/random.js';

/** An operation, and those of its derivatives that PyTorch computes in one call. */
const KINDS: readonly { readonly kind: string; readonly ops: readonly string[] }[] = [
  { kind: 'convolution', ops: ['conv2d'] },
  { kind: 'convolution, gradient of the input', ops: ['conv2d_grad_input'] },
  { kind: 'convolution, gradient of the kernel', ops: ['conv2d_grad_kernel'] },
  { kind: 'batch norm', ops: ['batch_norm_train'] },
  { kind: 'batch norm, gradients', ops: ['batch_norm_grad'] },
  { kind: 'PReLU', ops: ['prelu'] },
  { kind: 'PReLU, gradients', ops: ['prelu_grad_input', 'prelu_grad_slope'] },
];

export interface Kernel {
  readonly kind: string;
  readonly op: string;
  /** Of its operands, with the batch's size in place: images as NHWC, kernels as HWIO. */
  readonly shapes: readonly (readonly number[])[];
  /** Of the first result. */
  readonly result: readonly number[];
  readonly stride: number;
  readonly pad: number;
  readonly flops: number;
  readonly graph: Graph;
  /** Numbers for the operands, by the names that the graph gives them. */
  operands(): [name: string, { readonly data: Float32Array; readonly shape: readonly number[] }][];
}

const ORIGIN = { from: 'bench' };

/** In the order of the kinds, then of the graph. `training`: with its gradients. */
export function kernelsOf(training: Graph, batch: number): Kernel[] {
  return KINDS.flatMap(({ kind, ops }) => {
    const seen = new Set<string>();
    return training.nodes.flatMap((node): Kernel[] => {
      if (node.op !== ops[0]) return [];
      const types = node.inputs.map((id) => training.values[id]!);
      const key = JSON.stringify([types.map((t) => t.shape), node.attrs['stride'], node.attrs['pad']]);
      if (seen.has(key)) return [];
      seen.add(key);
      return [kernelOf(kind, ops, node, training, batch)];
    });
  });
}

/** `convolution 3×3 32→64 /2 at 56×48`: what the kernel is called in tables. */
export function nameOf({ kind, op, shapes, result, stride }: Kernel): string {
  if (!op.startsWith('conv2d')) {
    const [, height, width, channels] = shapes[0]!;
    return `${kind} ${channels} at ${height}×${width}`;
  }
  const image = op === 'conv2d_grad_input' ? result : shapes[0]!;
  const [tall, wide, from, to] = op === 'conv2d_grad_kernel' ? result : shapes[1]!;
  const every = stride === 1 ? '' : ` /${stride}`;
  return `${kind} ${tall}×${wide} ${from}→${to}${every} at ${image[1]}×${image[2]}`;
}

function kernelOf(kind: string, ops: readonly string[], node: Node, training: Graph, batch: number): Kernel {
  const builder = new GraphBuilder();
  const names = node.inputs.map((_, i) => `operand.${i}`);
  const shapes = node.inputs.map((id) => training.values[id]!.shape);
  const inputs = names.map((name, i) => builder.emit('input', [], { name, shape: shapes[i]! }, ORIGIN));
  const results = ops.flatMap((op): ValueId[] => [...builder.emitAll(op, inputs, node.attrs, ORIGIN)]);
  const graph = builder.build(results.map((value, i) => ({ role: 'value', name: `result.${i}`, value })));
  const sized = shapes.map((shape) => withBatch(shape, batch));
  const [stride = 1] = (node.attrs['stride'] as readonly number[] | undefined) ?? [];
  const [pad = 0] = (node.attrs['pad'] as readonly number[] | undefined) ?? [];
  return {
    kind,
    op: node.op,
    shapes: sized,
    result: withBatch(graph.values[results[0]!]!.shape, batch),
    stride,
    pad,
    flops: graph.nodes.reduce((sum, each) => sum + costOf(each, graph, batch).flops, 0),
    graph,
    operands: () => {
      const draw = random('bench kernel', kind);
      return sized.map((shape, i) => {
        const data = new Float32Array(shape.reduce((n, d) => n * d, 1)).map(() => draw.uniform(0.1, 1));
        return [names[i]!, { data, shape }];
      });
    },
  };
}

const withBatch = (shape: Shape, batch: number): number[] => shape.map((d) => (d === 'batch' ? batch : d));
