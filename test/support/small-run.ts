/** @file The numbers of a small model on the CPU engine: its predictions as evaluated, its losses as trained. */
import { compileEvaluation, compileStep } from '../../compiler/program.js';
import type { ModelIR } from '../../compiler/model/ir.js';
import { finalScalars } from '../../compiler/scalar/evaluate.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { runOnEngine, type Ran } from './engine-run.js';
import { small } from './small.js';
import { checkText, modelOf } from './specs.js';
import { randomSample, type Sample } from './zoo.js';

const engine = await openEngine('cpu');

/** The model that `small` makes of these lines. */
export const smallModel = (lines: string): ModelIR => modelOf(checkText(small(lines)), 'm');

/** `predict:name` → numbers. */
export function evaluated(model: ModelIR, sample: Sample): Ran['outputs'] {
  const scalars = { ...finalScalars(model), batch: sample.batch };
  return runOnEngine(engine, compileEvaluation(model), { ...sample, scalars }).outputs;
}

/** `loss:name` and `gradient:path` → numbers, of the first step. */
export function trained(model: ModelIR, sample: Sample): Ran['outputs'] {
  const [stage] = model.stages;
  const { graph } = compileStep(model, stage!, stage!.steps[0]!, { gradients: true, verify: true });
  return runOnEngine(engine, graph, sample).outputs;
}

/** The sample with some of its values replaced. */
export function withValues(
  sample: Sample,
  values: Readonly<Record<string, Float32Array | Int32Array>>,
): Sample {
  return { ...sample, values: new Map([...sample.values, ...Object.entries(values)]) };
}

export { randomSample };
