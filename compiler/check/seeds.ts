/** @file The seed of an experiment: one for all of its stages. */
import type { Setting, TrainMember } from '../../grammar/syntax.js';
import type { Report } from '../diagnostics/report.js';
import type { ExperimentIR } from '../model/experiment.js';
import type { CheckedStage } from './carry.js';
import { verbOf } from './stages.js';

/** Warns of an earlier stage whose `seed` another one overrules: without `seeds`, that of the last stage holds for all. */
export function warnSeeds(
  { name, seeds }: ExperimentIR,
  stages: readonly CheckedStage[],
  report: Report,
): void {
  if (seeds.length > 0) return;
  const last = stages.at(-1)!;
  for (const stage of stages) {
    const { seed } = stage.block;
    const written = seedOf(stage);
    if (!written || seed === last.block.seed) continue;
    report.warning(
      'ED6025',
      verbOf(stage.line),
      `\`seed ${seed}\` of this stage has no effect: all stages of \`${name}\` have the seed of the last one, ${last.block.seed}`,
      {
        labels: [{ span: written.span, message: 'the seed without effect' }],
        hint: `leave it out, or write \`seeds ${seed}\` in the experiment, which holds for all of its stages`,
      },
    );
  }
}

/** The `seed` line of the `train` block that a stage runs. */
function seedOf({ flat, stage }: CheckedStage): Setting | undefined {
  const block = flat.members
    .map(({ member }) => member)
    .find((m): m is TrainMember => m.kind === 'train' && (m.name?.text ?? null) === stage);
  return block?.items.find((i): i is Setting => i.kind === 'setting' && i.name.text === 'seed');
}
