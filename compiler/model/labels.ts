/** @file Which labels a stage reads, and which of them a stage before it has read. */
import type { ValueId } from '../graph/graph.js';
import type { LabelIR, ModelIR, StageIR } from './ir.js';

/** Those that its losses and logged values are computed from; of the stage that is judged also those it predicts. In order of declaration. */
export function labelsReadBy(model: ModelIR, stage: StageIR, judged: boolean): LabelIR[] {
  const minimized = new Set(stage.steps.flatMap((step) => step.objective.map((o) => o.loss)));
  const needed = new Set<ValueId>([
    ...model.losses.filter((l) => minimized.has(l.name)).map((l) => l.value),
    ...stage.log.map((entry) => entry.value),
  ]);
  for (const node of model.graph.nodes.toReversed())
    if (node.outputs.some((id) => needed.has(id))) for (const input of node.inputs) needed.add(input);
  const predicted = judged ? model.predictions.map((p) => p.label) : [];
  return model.labels.filter(
    ({ name, value }) => predicted.includes(name) || (value !== undefined && needed.has(value)),
  );
}

export interface LabelTakenOver {
  /** As the stage at hand reads it. */
  readonly label: LabelIR;
  /** As the last stage before it did that reads it, whose index is `reader`. */
  readonly before: LabelIR;
  readonly reader: number;
}

/** The first label of stage i that a stage before it has read; the last stage of all is judged. */
export function labelTakenOver(
  stages: readonly { readonly model: ModelIR; readonly block: StageIR }[],
  i: number,
): LabelTakenOver | undefined {
  const read = (k: number): LabelIR[] =>
    labelsReadBy(stages[k]!.model, stages[k]!.block, k === stages.length - 1);
  for (const label of read(i)) {
    for (let reader = i - 1; reader >= 0; reader--) {
      const before = read(reader).find((l) => l.name === label.name);
      if (before) return { label, before, reader };
    }
  }
  return undefined;
}
