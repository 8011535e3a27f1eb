/** @file A model's predictions as a tfjs GraphModel that plain tfjs loads, with given parameters. */
import { graphModel, type Weights } from '../../compiler/export/graph-model.js';
import type { Program } from '../../compiler/program.js';
import { finalScalars } from '../../compiler/scalar/evaluate.js';
import { initialise } from '../parameters/initialise.js';

/** Files by path: `inference/model.json` and its weights. Throws ExportError where a GraphModel has no such operation. */
export function inferenceFiles(
  { model, evaluation }: Pick<Program, 'model' | 'evaluation'>,
  weights: Weights,
): Record<string, string | Uint8Array> {
  const exported = graphModel(evaluation, weights, finalScalars(model));
  return { 'inference/model.json': exported.model, 'inference/weights.bin': exported.weights };
}

/** The same with the first values, of which only those are drawn that a prediction needs. */
export function untrainedInferenceFiles(program: Program): Record<string, string | Uint8Array> {
  const { model, evaluation, stages } = program;
  const needed = new Set(
    evaluation.nodes.flatMap(({ attrs }) => (attrs['path'] as string | undefined) ?? []),
  );
  return inferenceFiles(program, initialise(model, stages[0]?.stage.seed ?? 0, needed));
}
