/**
 * @file The predict graph as a tfjs GraphModel (model.json and one binary file of weights), which plain tfjs loads with `loadGraphModel`.
 * Inputs and outputs keep their declared names in the signature.
 */
import type { DType, Graph, Node, ValueId } from '../graph/graph.js';
import { evaluate, type Coefficient } from '../scalar/coefficient.js';
import { shapeOf, TF_TYPES, typeAttr, type AttrValue, type NodeDef } from './graph-def.js';
import { OPERATIONS } from './operations.js';
import { ExportError, type Writer } from './writer.js';

/** Trained numbers by path. */
export type Weights = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

export interface GraphModelFiles {
  /** The text of model.json. */
  readonly model: string;
  /** The content of weights.bin. */
  readonly weights: Uint8Array;
}

/**
 * `graph`: the evaluation form, its outputs of role `predict`. `scalars`: run-time numbers it may name.
 * Throws ExportError.
 */
export function graphModel(
  graph: Graph,
  weights: Weights,
  scalars: Readonly<Record<string, number>> = {},
): GraphModelFiles {
  const builder = new GraphModelBuilder(graph, weights, scalars);
  for (const node of graph.nodes) builder.write(node);
  return builder.finish();
}

class GraphModelBuilder {
  readonly #nodes: NodeDef[] = [];
  readonly #names = new Map<ValueId, string>();
  readonly #taken = new Set<string>();
  readonly #weights: {
    name: string;
    shape: readonly number[];
    dtype: 'float32' | 'int32';
    data: Uint8Array;
  }[] = [];
  #batch: string | undefined;

  constructor(
    readonly graph: Graph,
    readonly parameters: Weights,
    readonly scalars: Readonly<Record<string, number>>,
  ) {}

  write(node: Node): void {
    const [output] = node.outputs;
    const { shape, dtype } = this.graph.values[output!]!;
    const path = node.attrs['path'] as string;
    switch (node.op) {
      case 'input':
        return this.#bind(
          output!,
          this.#node(node.attrs['name'] as string, 'Placeholder', [], {
            dtype: typeAttr(dtype),
            shape: { shape: shapeOf(shape) },
          }),
        );
      case 'parameter':
      case 'statistic': {
        const stored = this.parameters.get(path);
        if (!stored) throw new ExportError(`there are no numbers for ${path}`);
        return this.#bind(output!, this.#const(path, stored.data, stored.shape, 'f32'));
      }
      default: {
        const rule = OPERATIONS[node.op];
        if (!rule) throw new ExportError(`a GraphModel has no operation for ${node.op}`);
        this.#bind(output!, rule(this.#writer(node)));
      }
    }
  }

  finish(): GraphModelFiles {
    const inputs: Record<string, object> = {};
    for (const { op, attrs, outputs } of this.graph.nodes) {
      if (op === 'input') inputs[attrs['name'] as string] = this.#signature(outputs[0]!);
    }
    const outputs: Record<string, object> = {};
    for (const { role, name, value } of this.graph.outputs)
      if (role === 'predict') outputs[name] = this.#signature(value);
    const model = {
      format: 'graph-model',
      generatedBy: 'ed2lc',
      convertedBy: null,
      signature: { inputs, outputs },
      modelTopology: { node: this.#nodes, library: {}, versions: { producer: 1 } },
      weightsManifest: [
        {
          paths: ['weights.bin'],
          weights: this.#weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
        },
      ],
    };
    const bytes = new Uint8Array(this.#weights.reduce((n, w) => n + w.data.length, 0));
    let at = 0;
    for (const { data } of this.#weights) {
      bytes.set(data, at);
      at += data.length;
    }
    return { model: JSON.stringify(model), weights: bytes };
  }

  #signature(value: ValueId): object {
    const { dtype, shape } = this.graph.values[value]!;
    return { name: `${this.#names.get(value)!}:0`, dtype: TF_TYPES[dtype], tensorShape: shapeOf(shape) };
  }

  #writer(node: Node): Writer {
    const number = (attr: string): number => {
      const value = node.attrs[attr];
      return typeof value === 'object' ? evaluate(value as Coefficient, this.scalars) : (value as number);
    };
    return {
      node,
      attrs: node.attrs,
      inputs: node.inputs.map((id) => this.#names.get(id)!),
      shape: (input) => this.graph.values[node.inputs[input]!]!.shape,
      outputShape: this.graph.values[node.outputs[0]!]!.shape,
      number: (attr) => {
        const value = number(attr);
        if (!Number.isFinite(value))
          throw new ExportError(`the number ${attr} of ${node.op} is known only while training`);
        return value;
      },
      add: (op, inputs, attr = {}) =>
        this.#node(node.name ?? node.op, op, inputs, { T: typeAttr('f32'), ...attr }),
      constant: (values, shape, dtype = 'f32') =>
        this.#const(
          'const',
          dtype === 'f32' ? Float32Array.from(values) : Int32Array.from(values),
          shape,
          dtype,
        ),
      dynamicShape: (shape) => this.#dynamicShape(shape),
    };
  }

  #dynamicShape(shape: readonly (number | 'batch')[]): string {
    if (!shape.includes('batch'))
      return this.#const('shape', Int32Array.from(shape as number[]), [shape.length], 'i32');
    const size = (d: number): string => this.#const('size', Int32Array.of(d), [], 'i32');
    return this.#node(
      'shape',
      'Pack',
      shape.map((d) => (d === 'batch' ? this.#batchSize() : size(d))),
      { axis: { i: '0' }, N: { i: String(shape.length) } },
    );
  }

  #batchSize(): string {
    if (this.#batch === undefined) {
      const first = this.graph.nodes.find((n) => n.op === 'input');
      if (!first) throw new ExportError('a batch size is needed, and there is no input');
      const one = (n: number): string => this.#const('index', Int32Array.of(n), [1], 'i32');
      const shape = this.#node('batch_shape', 'Shape', [this.#names.get(first.outputs[0]!)!], {});
      this.#batch = this.#node('batch_size', 'StridedSlice', [shape, one(0), one(1), one(1)], {
        shrink_axis_mask: { i: '1' },
      });
    }
    return this.#batch;
  }

  #const(name: string, values: Float32Array | Int32Array, shape: readonly number[], dtype: DType): string {
    const attr = {
      dtype: typeAttr(dtype),
      value: { tensor: { dtype: TF_TYPES[dtype], tensorShape: shapeOf(shape) } },
    };
    const unique = this.#node(name, 'Const', [], attr);
    const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#weights.push({ name: unique, shape, dtype: dtype === 'f32' ? 'float32' : 'int32', data });
    return unique;
  }

  #node(
    wanted: string,
    op: string,
    input: readonly string[],
    attr: Readonly<Record<string, AttrValue>>,
  ): string {
    let name = wanted;
    for (let i = 1; this.#taken.has(name); i++) name = `${wanted}_${i}`;
    this.#taken.add(name);
    this.#nodes.push({ name, op, input, attr });
    return name;
  }

  #bind(value: ValueId, name: string): void {
    this.#names.set(value, name);
  }
}
