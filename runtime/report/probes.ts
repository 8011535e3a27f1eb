/**
 * @file The disentanglement table: what fresh classifiers, linear and with a hidden layer, read from pixels, from values of the network, from two of them
 * together, and from the same values before training, about the class, the person and the fields of the data. One fold of each seed; the spread is
 * over seeds.
 */
import type { ReportIR } from '../../compiler/model/experiment.js';
import type { Dataset } from '../data/dataset.js';
import type { Split } from '../data/folds.js';
import { judgedLabel } from '../evaluation/evaluate.js';
import { HIDDEN_UNITS, probed, type FeaturesOf } from '../evaluation/probe-study.js';
import {
  chanceOf,
  classQuestion,
  controlOf,
  fieldQuestion,
  personQuestion,
  type Question,
} from '../evaluation/questions.js';
import type { Task } from '../experiment/tasks.js';
import { probeSources, type ProbeSource } from './probe-sources.js';
import type { ProbeKind, ProbeRow, Probes } from './report-data.js';
import { judgedData, type TrainedRun } from './trained.js';

type Item = Extract<ReportIR, { kind: 'probe' }>;

/** `left`: what cannot be read, and why. `onSeed`: before the probes of a seed. */
export async function probesOf(
  run: TrainedRun,
  items: readonly Item[],
  onSeed?: (task: Task) => void,
): Promise<{ readonly probes: Probes | null; readonly left: readonly string[] }> {
  const tasks = firstOfEachSeed(run.done);
  const none = (why: string) => ({ probes: null, left: [`probe(…): ${why}`] });
  if (tasks.length === 0) return none('no training is finished');
  if (run.bound.testData) return none('the data that is judged is not the data that is learned from');
  const { dataset } = judgedData(run);
  const left = new Set<string>();
  const values = [...new Set(items.map((item) => item.value.text))];
  const labels = [...new Set(items.map((item) => item.label.text))];
  const rows = new Map<string, ProbeRow>();
  for (const task of tasks) {
    onSeed?.(task);
    const sources = await probeSources(run, task, values);
    for (const label of labels) {
      const question = questionOf(label, dataset, run.splitOf(task), judgedLabel(run.bound.model));
      if (typeof question === 'string') {
        left.add(`probe(…, ${label}): ${question}`);
        continue;
      }
      for (const kind of kindsOf(items, label))
        for (const source of sources) {
          const key = JSON.stringify([source.name, label, kind]);
          rows.set(key, added(rows.get(key), measured(run, dataset, source, question, kind, task.seed)));
        }
    }
  }
  return { probes: rows.size === 0 ? null : { tasks, rows: [...rows.values()] }, left: [...left] };
}

const firstOfEachSeed = (done: readonly Task[]): Task[] =>
  [...new Set(done.map((t) => t.seed))].map((seed) => done.find((t) => t.seed === seed)!);

const KINDS = ['linear', 'hidden'] as const;

/** That any item asks for, of the label. */
const kindsOf = (items: readonly Item[], label: string): ProbeKind[] =>
  KINDS.filter((kind) =>
    items.some((item) => item.label.text === label && (item.probe === kind || item.probe === 'both')),
  );

/** Text: what is wrong with the label. */
function questionOf(
  label: string,
  dataset: Dataset,
  split: Split,
  judged: string | undefined,
): Question | string {
  if (label === judged) return classQuestion(label, dataset, split);
  if (label === 'subject') return personQuestion(label, dataset, split);
  const field = dataset.fields.find((f) => f.name === label && f.shape.length === 0);
  if (!field) return `${dataset.name} has no field ${label} with one number per image`;
  const question = fieldQuestion(dataset, split, field);
  return question.classes.length > 1 ? question : `it is ${question.classes.join()} in every image`;
}

function measured(
  { engine }: TrainedRun,
  dataset: Dataset,
  { name, trained, untrained }: ProbeSource,
  question: Question,
  kind: ProbeKind,
  seed: number,
): ProbeRow {
  const options = kind === 'hidden' ? { hidden: HIDDEN_UNITS } : {};
  const share = (of: FeaturesOf, asked: Question): number => {
    const decided = probed(engine, dataset, of, asked, options);
    return decided.filter((d) => d.label === d.predicted).length / decided.length;
  };
  return {
    features: name,
    label: question.name,
    kind,
    classes: question.classes.length,
    n: question.split.test.length,
    chance: [chanceOf(question)],
    accuracy: [share(trained, question)],
    control: [share(trained, controlOf(question, seed))],
    untrained: untrained ? [share(untrained, question)] : [],
  };
}

function added(before: ProbeRow | undefined, now: ProbeRow): ProbeRow {
  if (!before) return now;
  return {
    ...now,
    n: before.n + now.n,
    chance: [...before.chance, ...now.chance],
    accuracy: [...before.accuracy, ...now.accuracy],
    control: [...before.control, ...now.control],
    untrained: [...before.untrained, ...now.untrained],
  };
}
