/** @file The graphs of a program to JSON and back: per stage and step the training graph, and the evaluation graph. */
import type { Graph } from '../graph/graph.js';
import { verifyGraph } from '../graph/verify.js';
import { verifyEvaluation, verifyStep } from '../passes/verify-step.js';
import type { Program, TrainableStage } from '../program.js';
import type { ModelIR } from './ir.js';
import { ModelFormatError } from './format-error.js';
import { parseJson, reviveCoefficients, storedForm } from './json.js';
import { schemaCheck } from './schema-check.js';
import { graph, list, nullable, object, text } from './schema-parts.js';

const WHAT = 'graph file';
const schema = object({
  format: { const: 'ed2l-graphs' },
  version: { const: 1 },
  stages: list(
    object({ name: nullable(text), steps: list(object({ name: text, forward: graph, training: graph })) }),
  ),
  evaluation: graph,
});

const checkSchema = schemaCheck(WHAT, schema);

interface StoredGraphs {
  readonly stages: readonly {
    readonly name: string | null;
    readonly steps: readonly { readonly name: string; readonly forward: Graph; readonly training: Graph }[];
  }[];
  readonly evaluation: Graph;
}

export function graphsToJson({ stages, evaluation }: Program): string {
  const stored: StoredGraphs = {
    stages: stages.map(({ stage, steps }) => ({
      name: stage.name,
      steps: steps.map(({ step, forward, graph: training }) => ({ name: step.name, forward, training })),
    })),
    evaluation,
  };
  return JSON.stringify({ format: 'ed2l-graphs', version: 1, ...stored }, storedForm);
}

/** The stages of `model` with their graphs from the file. Throws ModelFormatError. */
export function graphsFromJson(
  json: string,
  model: ModelIR,
): { readonly stages: TrainableStage[]; readonly evaluation: Graph } {
  const stored = parseJson(json, WHAT);
  checkSchema(stored);
  const { stages, evaluation } = reviveCoefficients(stored, WHAT) as StoredGraphs;
  const refuse = (reason: string): never => {
    throw new ModelFormatError(WHAT, [reason]);
  };
  const judge = (violations: readonly string[]): void => {
    if (violations.length > 0) throw new ModelFormatError(WHAT, violations.slice(0, 5));
  };
  for (const graph of [evaluation, ...stages.flatMap((s) => s.steps.flatMap((t) => [t.forward, t.training]))])
    judge(verifyGraph(graph));
  judge(verifyEvaluation(evaluation, model));
  const trained = model.stages.map((stage): TrainableStage => {
    const own = stages.find((s) => s.name === stage.name);
    const steps = stage.steps.map((step) => {
      const found = own?.steps.find((s) => s.name === step.name);
      const graph = found?.training ?? refuse(`the step ${step.name} of ${model.name} is missing`);
      judge(verifyStep(graph, model, stage, step));
      return { step, graph };
    });
    return { stage, steps };
  });
  return { stages: trained, evaluation };
}
