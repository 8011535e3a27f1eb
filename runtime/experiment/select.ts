/** @file What `select best(…)` measures after each epoch of the last stage, and on whom. */
import type { BoundExperiment, SelectIR } from '../../compiler/model/experiment.js';
import type { Dataset } from '../data/dataset.js';
import { DataError } from '../data/errors.js';
import { random } from '../data/random.js';
import type { Engine } from '../engines/engine.js';
import { decisions, judge, judgedLabel } from '../evaluation/evaluate.js';
import { meanLoss } from '../evaluation/loss.js';
import { Selection, type Best } from '../training/selection.js';
import type { Datasets, TaskSplit } from './tasks.js';

/** The samples of a share of the people, at least one of them and never all. The people depend on the seed. Throws DataError for fewer than two. */
export function innerPart(
  dataset: Pick<Dataset, 'name' | 'samples'>,
  indices: Int32Array,
  share: number,
  seed: number,
): Int32Array {
  const personOf = (i: number): string => dataset.samples[i]!.subject;
  const people = [...new Set(Array.from(indices, personOf))].sort();
  if (people.length < 2)
    throw new DataError(
      `${dataset.name} has ${people.length} person to train on, and \`select best(…)\` takes some of them for the choice: write \`select last()\``,
    );
  const count = Math.min(people.length - 1, Math.max(1, Math.round(share * people.length)));
  const chosen = new Set(random('inner', seed).shuffle(people).slice(0, count));
  return indices.filter((i) => chosen.has(personOf(i)));
}

/** Undefined for `select last()`. */
export function selectionOf(
  { experiment, model, data, testData }: BoundExperiment,
  engine: Engine,
  datasets: Datasets,
  split: TaskSplit,
): Selection | undefined {
  const { select, score } = experiment;
  if (select.kind === 'last') return undefined;
  const { metric } = select;
  const isTest = select.on.kind === 'test';
  const indices = isTest ? split.test : split.inner;
  const part = isTest
    ? { dataset: datasets.test, data: testData ?? data }
    : { dataset: datasets.train, data };
  const isLoss = model.losses.some((l) => l.name === metric);
  return new Selection(
    async (parameters) => {
      const input = { engine, model, parameters, ...part, indices };
      if (isLoss) return meanLoss(input, metric);
      const judged = judge(await decisions(input, judgedLabel(model)!, score), part.dataset.classes);
      return metric === 'macro_f1' ? judged.macroF1 : judged.accuracy;
    },
    isLoss ? 'lower' : 'higher',
  );
}

/** What was chosen, for the user; also that a result is too good. `epoch`: from 1. */
export function describeChoice(select: SelectIR, { epoch, value }: Pick<Best, 'epoch' | 'value'>): string {
  if (select.kind === 'last') return '';
  const chosen = `the parameters of epoch ${epoch} are kept: ${select.metric} ${value.toPrecision(4)}`;
  return select.on.kind === 'test'
    ? `${chosen} on the people it is judged on, so what is reported of them is too good`
    : `${chosen} on people of the training who were not learned from`;
}

/** As `result.json` holds it. `leaks`: chosen by the people it is judged on. */
export type StoredChoice =
  | { readonly kind: 'last' }
  | (Omit<Extract<SelectIR, { kind: 'best' }>, 'span'> & { readonly leaks: boolean });

export function storedChoice(select: SelectIR): StoredChoice {
  if (select.kind === 'last') return { kind: 'last' };
  const { kind, metric, on } = select;
  return { kind, metric, on, leaks: on.kind === 'test' };
}
