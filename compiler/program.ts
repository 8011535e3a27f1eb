/** @file Compiles a checked model: one training graph per stage and step, one graph for evaluation. No engine is chosen here. */
import type { Graph, Output } from './graph/graph.js';
import type { BoundExperiment } from './model/experiment.js';
import type { ModelIR, StageIR, StepIR } from './model/ir.js';
import { findTap } from './model/taps.js';
import { runTrainingPasses, type Observer, type StepContext } from './passes/pipeline.js';
import { rewrite } from './passes/rewrite.js';
import { simplify } from './passes/simplify.js';
import { specialise } from './passes/specialise.js';
import type { Differentiated } from './routing/differentiate.js';

/** What the runtime needs to train one step. */
export interface TrainableStep {
  readonly step: StepIR;
  /** Outputs: `loss` per loss of the objective, `value` per logged scalar, `state` per parameter, slot (`path/slot`) and statistic it changes. */
  readonly graph: Graph;
}

export interface TrainableStage {
  readonly stage: StageIR;
  readonly steps: readonly TrainableStep[];
}

export interface CompiledStep extends TrainableStep {
  /** The graph before differentiation. */
  readonly forward: Graph;
  /** What differentiation found: for `routes --adjoints` and `compile --stats`. */
  readonly differentiated: Differentiated;
}

export interface CompiledStage extends TrainableStage {
  readonly steps: readonly CompiledStep[];
}

export interface Program {
  readonly model: ModelIR;
  readonly stages: readonly CompiledStage[];
  /** The predictions, in evaluation form. */
  readonly evaluation: Graph;
}

export interface CompileOptions {
  /** Run every pass's verifier (default: false). */
  readonly verify?: boolean;
  /** Keep parameter gradients as outputs of the training graphs (default: false). */
  readonly gradients?: boolean;
  readonly observe?: (stage: string | null, step: string, pass: string, graph: Graph) => boolean | void;
}

export function compileModel(model: ModelIR, options: CompileOptions = {}): Program {
  return {
    model,
    stages: model.stages.map((stage) => ({
      stage,
      steps: stage.steps.map((step) => compileStep(model, stage, step, options)),
    })),
    evaluation: compileEvaluation(model),
  };
}

/** A program for each stage of an experiment, which has that stage alone; the last one is judged. */
export function compileExperiment(
  { stages }: Pick<BoundExperiment, 'stages'>,
  options: CompileOptions = {},
): Program[] {
  return stages.map(({ model }) => compileModel(model, options));
}

/** What the runtime trains, one after another. */
export const trainableStages = (
  programs: readonly { readonly stages: readonly TrainableStage[] }[],
): TrainableStage[] => programs.map(({ stages }) => stages[0]!);

export function compileStep(
  model: ModelIR,
  stage: StageIR,
  step: StepIR,
  options: CompileOptions = {},
): CompiledStep {
  const context: StepContext = { model, stage, step, gradients: options.gradients ?? false };
  const observe: Observer = (pass, graph) => options.observe?.(stage.name, step.name, pass, graph);
  const graph = runTrainingPasses(context, { ...(options.verify && { verify: true }), observe });
  return { step, graph, forward: context.forward ?? graph, differentiated: context.differentiated! };
}

/** The predictions, and any `values` (declared ones, or pieces of them: `f_t.down`) and `losses` asked for (outputs of role `value` and `loss`), with running statistics and without dropout. */
export function compileEvaluation(
  model: ModelIR,
  options: { readonly values?: readonly string[]; readonly losses?: readonly string[] } = {},
): Graph {
  const predictions = model.predictions.map(({ name, value }): Output => ({ role: 'predict', name, value }));
  const values = (options.values ?? []).map((name): Output => {
    const found = findTap(model, name);
    if (found.kind !== 'found') throw new RangeError(`the model ${model.name} has no value called ${name}`);
    return { role: 'value', name, value: found.value };
  });
  const losses = (options.losses ?? []).map((name): Output => {
    return { role: 'loss', name, value: model.losses.find((l) => l.name === name)!.value };
  });
  const forward = specialise(model, [...predictions, ...values, ...losses], { kind: 'evaluation' });
  const withoutStops = rewrite(forward, ({ op }, inputs) =>
    op === 'stop' || op === 'stop_where' ? [inputs[0]!] : undefined,
  );
  return simplify(withoutStops);
}
