/** @file The value of a loss on samples, in evaluation form: running statistics, no dropout. */
import { makePlan } from '../../compiler/plan/make-plan.js';
import { compileEvaluation } from '../../compiler/program.js';
import { finalScalars } from '../../compiler/scalar/evaluate.js';
import { evaluationBatches, inputsOf } from '../data/batches.js';
import { Executor } from '../engines/executor.js';
import type { EvaluationInput } from './predict.js';

const BATCH = 64;

/** The mean over the batches, weighted by their images; every view of an image counts as one. Throws EngineError and DataError. */
export function meanLoss(
  { engine, model, parameters, dataset, indices, data }: EvaluationInput,
  loss: string,
): number {
  const full = compileEvaluation(model, { losses: [loss] });
  const graph = { ...full, outputs: full.outputs.filter((o) => o.role === 'loss') };
  const executor = new Executor(engine, makePlan(graph, engine.target));
  const state = engine.uploadAll(parameters);
  const scalars = finalScalars(model);
  let [sum, count] = [0, 0];
  try {
    for (const batch of evaluationBatches(dataset, indices, data, BATCH)) {
      const labels = model.labels.map(
        ({ name }) => [name, { data: batch.labels, shape: [batch.n] }] as const,
      );
      const feeds = engine.uploadAll([...inputsOf(model, batch), ...labels]);
      const held = [...feeds.values()];
      try {
        const results = executor.run({ batch: batch.n, feeds, state, slots: new Map(), scalars });
        held.push(...results.values());
        sum += batch.n * engine.view(results.get(`loss:${loss}`)!)[0]!;
        count += batch.n;
      } finally {
        for (const tensor of held) engine.free(tensor);
      }
    }
  } finally {
    for (const tensor of state.values()) engine.free(tensor);
  }
  return sum / count;
}
