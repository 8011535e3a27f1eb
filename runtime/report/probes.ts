/**
 * @file The disentanglement table: what fresh linear classifiers read from pixels, from values of the network, from two of them together, and from the same
 * values before training, about the class, the person and the fields of the data. One fold of each seed; the spread is over seeds.
 */
import type { ReportIR } from '../../compiler/model/experiment.js';
import type { ModelIR } from '../../compiler/model/ir.js';
import { findTap } from '../../compiler/model/taps.js';
import type { Dataset } from '../data/dataset.js';
import type { Split } from '../data/folds.js';
import { judgedLabel } from '../evaluation/evaluate.js';
import { rowsOf, sideBySide, withUntrained } from '../evaluation/feature-rows.js';
import { pixels } from '../evaluation/pixels.js';
import { features, type Rows } from '../evaluation/predict.js';
import { probed, type FeaturesOf } from '../evaluation/probe-study.js';
import { classQuestion, controlOf, personQuestion, type Question } from '../evaluation/questions.js';
import type { Task } from '../experiment/tasks.js';
import type { Parameters } from '../parameters/initialise.js';
import type { ProbeRow, Probes } from './report-data.js';
import { judgedData, type TrainedRun } from './trained.js';

type Item = Extract<ReportIR, { kind: 'probe' }>;

export const PIXELS = 'pixels';

interface Source {
  readonly name: string;
  readonly trained: FeaturesOf;
  /** Of the network before training; none for pixels. */
  readonly untrained: FeaturesOf | null;
}

/** Text: why there is none. */
export async function probesOf(run: TrainedRun, items: readonly Item[]): Promise<Probes | string> {
  const tasks = firstOfEachSeed(run.done);
  if (tasks.length === 0) return 'no training is finished';
  if (run.bound.testData) return 'the data that is judged is not the data that is learned from';
  const values = [...new Set(items.map((item) => item.value.text))];
  const labels = [...new Set(items.map((item) => item.label.text))];
  const rows = new Map<string, ProbeRow>();
  for (const task of tasks) {
    const sources = await sourcesOf(run, task, values);
    for (const label of labels) {
      const { dataset } = judgedData(run);
      const about = aboutOf(label, dataset, run.splitOf(task), judgedLabel(run.bound.model));
      if (typeof about === 'string') return about;
      for (const source of sources) {
        const key = JSON.stringify([source.name, label]);
        rows.set(key, added(rows.get(key), measured(run, dataset, source, label, about, task)));
      }
    }
  }
  return { tasks, rows: [...rows.values()] };
}

const firstOfEachSeed = (done: readonly Task[]): Task[] =>
  [...new Set(done.map((t) => t.seed))].map((seed) => done.find((t) => t.seed === seed)!);

async function sourcesOf(run: TrainedRun, task: Task, values: readonly string[]): Promise<Source[]> {
  const { engine, bound } = run;
  const { dataset, data } = judgedData(run);
  const { model } = bound;
  const split = run.splitOf(task);
  const all = Int32Array.from([...split.train, ...split.test]);
  const trained = await run.parametersOf(task);
  const of = (parameters: Parameters, value: string): Rows =>
    features({ engine, model, parameters, dataset, indices: all, data }, [value]).get(value)!;
  const computed = values.map((name) => {
    const fresh = withUntrained(model, groupOf(name, model), trained, task.seed);
    return { name, trained: of(trained, name), untrained: of(fresh, name) };
  });
  const source = (name: string, now: Rows, before: Rows | null): Source => {
    return { name, trained: rowsOf(now, all), untrained: before && rowsOf(before, all) };
  };
  const [first, second] = computed;
  return [
    source(PIXELS, pixels(dataset, all, data), null),
    ...computed.map((r) => source(r.name, r.trained, r.untrained)),
    ...(first && second
      ? [
          source(
            togetherName(first.name, second.name),
            sideBySide(first.trained, second.trained),
            sideBySide(first.untrained, second.untrained),
          ),
        ]
      : []),
  ];
}

export const togetherName = (a: string, b: string): string => `${a} and ${b}`;

/** The group that the value is computed by, '' for none. */
function groupOf(value: string, model: ModelIR): string {
  const found = findTap(model, value);
  const producer =
    found.kind === 'found' ? model.graph.nodes.find((n) => n.outputs.includes(found.value)) : undefined;
  return producer?.group ?? '';
}

/** Text: what is wrong with the label. */
function aboutOf(
  label: string,
  dataset: Dataset,
  split: Split,
  judged: string | undefined,
): Question | string {
  const { samples, fields } = dataset;
  if (label === judged) return classQuestion(label, dataset, split);
  if (label === 'subject') return personQuestion(label, dataset, split);
  const field = fields.find((f) => f.name === label && f.shape.length === 0);
  if (!field) return `${dataset.name} has no field ${label} with one number per image`;
  const { names, labelOf } = classesOfNumbers(field.values);
  const person = (i: number): string => samples[i]!.subject;
  return { name: label, classes: names, labelOf, unitOf: person, within: person, split };
}

const MOST_CLASSES = 10;

/** Each number a class; many numbers by their sign, or where they have one, above and below the median. */
export function classesOfNumbers(values: Float32Array): { names: string[]; labelOf: (i: number) => number } {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  if (sorted.length <= MOST_CLASSES)
    return { names: sorted.map(String), labelOf: (i) => sorted.indexOf(values[i]!) };
  const limit =
    sorted[0]! < 0 && sorted.at(-1)! > 0 ? 0 : [...values].sort((a, b) => a - b)[values.length >> 1]!;
  return { names: [`below ${limit}`, `from ${limit}`], labelOf: (i) => Number(values[i]! >= limit) };
}

function measured(
  { engine }: TrainedRun,
  dataset: Dataset,
  { name, trained, untrained }: Source,
  label: string,
  about: Question,
  task: Task,
): ProbeRow {
  const share = (of: FeaturesOf, question: Question): number => {
    const decided = probed(engine, dataset, about.split, of, question);
    return decided.filter((d) => d.label === d.predicted).length / decided.length;
  };
  return {
    features: name,
    label,
    classes: about.classes.length,
    n: about.split.test.length,
    chance: 1 / about.classes.length,
    accuracy: [share(trained, about)],
    control: [share(trained, controlOf(about, task.seed))],
    untrained: untrained ? [share(untrained, about)] : [],
  };
}

function added(before: ProbeRow | undefined, now: ProbeRow): ProbeRow {
  if (!before) return now;
  return {
    ...now,
    n: before.n + now.n,
    accuracy: [...before.accuracy, ...now.accuracy],
    control: [...before.control, ...now.control],
    untrained: [...before.untrained, ...now.untrained],
  };
}
