/** @file The graphs of a program to JSON and back: per stage and step the training graph, and the evaluation graph. */
import type { Graph } from '../graph/graph.js';
import { verifyGraph } from '../graph/verify.js';
import type { Program, TrainableStage } from '../program.js';
import type { ModelIR } from './ir.js';
import {
  describeSchemaErrors,
  ModelFormatError,
  parseJson,
  reviveCoefficients,
  schemaCheck,
  storedForm,
} from './json.js';
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
  const validate = schemaCheck(schema);
  if (!validate(stored)) throw new ModelFormatError(WHAT, describeSchemaErrors(validate.errors));
  const { stages, evaluation } = reviveCoefficients(stored, WHAT) as StoredGraphs;
  const refuse = (reason: string): never => {
    throw new ModelFormatError(WHAT, [reason]);
  };
  for (const graph of [
    evaluation,
    ...stages.flatMap((s) => s.steps.flatMap((step) => [step.forward, step.training])),
  ]) {
    const [violation] = verifyGraph(graph);
    if (violation !== undefined) refuse(violation);
  }
  const trained = model.stages.map((stage): TrainableStage => {
    const own = stages.find((s) => s.name === stage.name);
    const steps = stage.steps.map((step) => {
      const found = own?.steps.find((s) => s.name === step.name);
      return { step, graph: found?.training ?? refuse(`the step ${step.name} of ${model.name} is missing`) };
    });
    return { stage, steps };
  });
  return { stages: trained, evaluation };
}
