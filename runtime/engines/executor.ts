/** @file Walks a plan on an engine: feeds and state in, outputs out, everything else given back on the way. */
import type { Coefficient } from '../../compiler/scalar/coefficient.js';
import { evaluate } from '../../compiler/scalar/coefficient.js';
import type { Output } from '../../compiler/graph/graph.js';
import type { Instruction, Plan } from '../../compiler/plan/plan.js';
import { predictPeak } from '../../compiler/plan/predict-peak.js';
import type { Engine, Tensor } from './engine.js';
import { NonFiniteError } from './errors.js';

/** Parameters and statistics by path, moments by `path/slot`. */
export type StateTree = Map<string, Tensor>;

export interface Call {
  /** Samples in this batch. */
  readonly batch: number;
  /** Inputs and labels by name; they stay the caller's. */
  readonly feeds: ReadonlyMap<string, Tensor>;
  /** A finished run exchanges what it updates here for new tensors, and gives the old ones back. */
  readonly state: StateTree;
  readonly slots: StateTree;
  /** Run-time scalars; `batch` is added. */
  readonly scalars: Readonly<Record<string, number>>;
  /** The mask of a dropout application: `size` numbers, 0 or 1 / (1 - rate). */
  readonly mask?: (application: string, rate: number, size: number) => Float32Array;
}

/** Time spent in an instruction, for profiles. */
export type Profile = (instruction: Instruction, milliseconds: number) => void;

export class Executor {
  readonly #checked = new Set<number>();
  /** Value → the loss it is. */
  readonly #losses: ReadonlyMap<number, string>;

  constructor(
    readonly engine: Engine,
    readonly plan: Plan,
  ) {
    this.#losses = new Map(plan.outputs.filter((o) => o.role === 'loss').map((o) => [o.value, o.name]));
  }

  /** Outputs other than state, keyed `role:name`; the caller frees them. Throws EngineError and NonFiniteError, and then has changed nothing. */
  run(call: Call, profile?: Profile): Map<string, Tensor> {
    this.#ensureFits(call.batch);
    const values = new Map<number, Tensor>();
    const results = new Map<string, Tensor>();
    const scalars = { ...call.scalars, batch: call.batch };
    try {
      for (const instruction of this.plan.instructions) {
        const started = profile ? performance.now() : 0;
        this.#execute(instruction, call, scalars, values);
        profile?.(instruction, performance.now() - started);
        this.#checkLoss(instruction, values, call.feeds);
        for (const id of instruction.free) this.engine.free(values.get(id)!);
      }
      this.#checkUpdates(values);
      this.#collect(call, values, results);
    } catch (error) {
      const kept = fedMemory(call);
      for (const tensor of [...values.values(), ...results.values()])
        if (!kept.has(tensor.dataId)) this.engine.free(tensor);
      throw error;
    }
    for (const output of this.plan.outputs)
      if (output.role === 'state') this.#assign(output, values.get(output.value)!, call);
    return results;
  }

  #checkLoss({ outputs }: Instruction, values: ReadonlyMap<number, Tensor>, feeds: Call['feeds']): void {
    const loss = outputs[0] && this.#losses.get(outputs[0].value);
    if (loss === undefined || this.engine.isFinite(values.get(outputs[0]!.value)!)) return;
    const first = this.plan.instructions.find(({ outputs: [output], kernel }) => {
      const tensor = output && kernel !== '@scalar' ? values.get(output.value) : undefined;
      return tensor && this.engine.holds(tensor) && !this.engine.isFinite(tensor);
    });
    const name = first ? nameOf(first) : loss;
    throw new NonFiniteError(
      `the loss ${loss} is not finite; the first tensor that is not: ${name}`,
      first?.kernel === '@input' && feeds.has(name),
    );
  }

  /** Finite losses do not vouch for gradients: √x at 0 has none. */
  #checkUpdates(values: ReadonlyMap<number, Tensor>): void {
    const broken = this.plan.outputs.find(
      ({ role, value }) => role === 'state' && !this.engine.isFinite(values.get(value)!),
    );
    if (broken)
      throw new NonFiniteError(
        `the update of ${broken.name} is not finite, though every loss is: its gradient is not, or the step is too long`,
        false,
      );
  }

  #ensureFits(batch: number): void {
    if (this.#checked.has(batch)) return;
    this.engine.ensureFits(predictPeak(this.plan, batch).bytes);
    this.#checked.add(batch);
  }

  #execute(
    instruction: Instruction,
    call: Call,
    scalars: Readonly<Record<string, number>>,
    values: Map<number, Tensor>,
  ): void {
    const { engine } = this;
    const shapes = instruction.outputs.map(({ shape }) => shape.map((d) => (d === 'batch' ? call.batch : d)));
    const [output] = instruction.outputs;
    const set = (tensor: Tensor): void => void values.set(output!.value, tensor);
    const attrs = resolve(instruction.attrs, call.batch, scalars);
    switch (instruction.kernel) {
      case '@input':
      case '@label':
        return set(fedTensor(call.feeds.get(attrs['name'] as string), attrs['name'] as string));
      case '@state': {
        const path = attrs['path'] as string;
        const slot = attrs['slot'];
        return set(
          fedTensor(
            slot === undefined ? call.state.get(path) : call.slots.get(`${path}/${String(slot)}`),
            path,
          ),
        );
      }
      case '@scalar':
        return set(engine.upload(Float32Array.of((attrs['value'] ?? attrs['by']) as number), []));
      case '@alias':
        return set({ ...values.get(instruction.inputs[0]![1])!, shape: shapes[0]! });
      case '@dropout_mask': {
        const size = shapes[0]!.reduce((n, d) => n * d, 1);
        if (!call.mask) throw new Error('internal: this plan needs dropout masks');
        return set(
          engine.upload(call.mask(attrs['application'] as string, attrs['rate'] as number, size), shapes[0]!),
        );
      }
      default:
    }
    const inputs = instruction.inputs.map(([, id]) => values.get(id)!);
    if (!instruction.kernel.startsWith('ed2l.')) {
      const named = Object.fromEntries(instruction.inputs.map(([name], i) => [name, inputs[i]!]));
      return set(engine.run(instruction.kernel, named, attrs, { shape: shapes[0]!, dtype: output!.dtype }));
    }
    const made = engine.runOperation(
      instruction.op,
      inputs,
      attrs,
      instruction.outputs.map(({ dtype }, i) => ({ shape: shapes[i]!, dtype })),
    );
    instruction.outputs.forEach(({ value }, i) => values.set(value, made[i]!));
  }

  /** Two names for one value, or an output that is fed or becomes state: each gets memory of its own. */
  #collect(call: Call, values: ReadonlyMap<number, Tensor>, results: Map<string, Tensor>): void {
    const owned = fedMemory(call);
    for (const { role, value } of this.plan.outputs)
      if (role === 'state') owned.add(values.get(value)!.dataId);
    for (const { role, name, value } of this.plan.outputs) {
      if (role === 'state') continue;
      const tensor = values.get(value)!;
      const mine = owned.has(tensor.dataId) ? this.#copy(tensor) : tensor;
      owned.add(mine.dataId);
      results.set(`${role}:${name}`, mine);
    }
  }

  #assign({ name }: Output, tensor: Tensor, { state, slots }: Call): void {
    const tree = slots.has(name) ? slots : state;
    const before = tree.get(name);
    if (before?.dataId === tensor.dataId) return;
    if (before) this.engine.free(before);
    tree.set(name, tensor);
  }

  #copy(tensor: Tensor): Tensor {
    return this.engine.upload(Float32Array.from(this.engine.view(tensor)), tensor.shape);
  }
}

/** The memory that is the caller's. */
function fedMemory({ feeds, state, slots }: Call): Set<object> {
  return new Set([...feeds.values(), ...state.values(), ...slots.values()].map((t) => t.dataId));
}

function fedTensor(tensor: Tensor | undefined, name: string): Tensor {
  if (!tensor) throw new Error(`internal: nothing is fed for ${name}`);
  return tensor;
}

/** Puts the batch size and the run-time scalars in. */
function resolve(
  attrs: Instruction['attrs'],
  batch: number,
  scalars: Readonly<Record<string, number>>,
): Record<string, unknown> {
  const resolved: Record<string, unknown> = {};
  for (const [name, attr] of Object.entries(attrs)) {
    if (typeof attr === 'object' && 'factor' in attr) resolved[name] = evaluate(attr as Coefficient, scalars);
    else if (Array.isArray(attr)) resolved[name] = attr.map((d: unknown) => (d === 'batch' ? batch : d));
    else resolved[name] = name === 'count' ? scalars[attr as string] : attr;
  }
  return resolved;
}

function nameOf(instruction: Instruction): string {
  const { path, name } = instruction.attrs as { path?: string; name?: string };
  return (
    path ??
    name ??
    instruction.name ??
    (instruction.piece === undefined ? instruction.op : `${instruction.piece} (${instruction.op})`)
  );
}
