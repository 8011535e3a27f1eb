/** @file What one trained network of the study holds: its own decisions, and what fresh probes read from its features, person by person. */
import type { BoundExperiment } from '../../../compiler/model/experiment.js';
import { circumstances } from '../../../runtime/data/faces/circumstances.js';
import type { Dataset } from '../../../runtime/data/dataset.js';
import type { Split } from '../../../runtime/data/folds.js';
import type { Engine } from '../../../runtime/engines/engine.js';
import type { Decision } from '../../../runtime/evaluation/evaluate.js';
import {
  pooledChannels,
  rowsOf,
  sideBySide,
  withUntrained,
} from '../../../runtime/evaluation/feature-rows.js';
import { pixels } from '../../../runtime/evaluation/pixels.js';
import { features, type Rows } from '../../../runtime/evaluation/predict.js';
import { HIDDEN_UNITS, probed, type FeaturesOf } from '../../../runtime/evaluation/probe-study.js';
import {
  chanceOf,
  classQuestion,
  controlOf,
  fieldQuestion,
  personQuestion,
  type Question,
} from '../../../runtime/evaluation/questions.js';
import type { Parameters } from '../../../runtime/parameters/initialise.js';

/** `control`: linear, of labels shuffled. */
export const KINDS = ['linear', 'control', 'hidden'] as const;
export type Kind = (typeof KINDS)[number];

/** One probe: right decisions of each person held out, in the order of their names. */
export interface Cell {
  readonly features: string;
  readonly question: string;
  readonly kind: Kind;
  /** Judged, of each person. */
  readonly images: number;
  readonly chance: number;
  readonly hits: readonly number[];
}

/** What is to be probed, and on whom. */
export interface Subject {
  readonly engine: Engine;
  readonly bound: BoundExperiment;
  readonly dataset: Dataset;
  readonly split: Split;
}

export interface Source {
  readonly name: string;
  readonly of: FeaturesOf;
}

/** The images alone. */
export function pixelSources({ bound, dataset, split }: Subject): Source[] {
  const all = Int32Array.from([...split.train, ...split.test]);
  return [{ name: 'pixels', of: rowsOf(pixels(dataset, all, bound.data), all) }];
}

/** Of a network without a dispelling half: its shared features and f_t. */
export function networkSources(subject: Subject, trained: Parameters, seed: number): Source[] {
  const { engine, bound, dataset, split } = subject;
  const { model, data } = bound;
  const indices = Int32Array.from([...split.train, ...split.test]);
  const of = (parameters: Parameters, values: readonly string[]): Map<string, Rows> =>
    features({ engine, model, parameters, dataset, indices, data }, values);
  const dispels = model.groups.some(({ name }) => name === 'dispelling');
  const found = of(trained, ['shared', 'f_t', ...(dispels ? ['f_p'] : [])]);
  const [shared, f_t] = [found.get('shared')!, found.get('f_t')!];
  const f_p = found.get('f_p');
  const { value } = model.values.find(({ name }) => name === 'shared')!;
  const channels = Number(model.graph.values[value]!.shape.at(-1));
  const source = (name: string, rows: Rows): Source => ({ name, of: rowsOf(rows, indices) });
  const first = [source('shared', pooledChannels(shared, channels)), source('f_t', f_t)];
  if (!f_p) return first;
  const untrained = of(withUntrained(model, 'dispelling', trained, seed), ['f_p']).get('f_p')!;
  return [
    ...first,
    source('f_p', f_p),
    source('f_t and f_p', sideBySide(f_t, f_p)),
    source('f_p untrained', untrained),
  ];
}

/** Expression, person, and what the drawing of the faces knows besides. */
export function questionsOf({ bound, dataset, split }: Subject): Question[] {
  const { source } = bound.data;
  if (source.kind !== 'synthetic_faces') throw new Error('the study is of drawn faces');
  return [
    classQuestion('expression', dataset, split),
    personQuestion('person', dataset, split),
    ...circumstances(source, dataset.classes).map((field) => fieldQuestion(dataset, split, field)),
  ];
}

/** Every question of every source; the control only of the expression. */
export function cellsOf(
  { engine, dataset }: Subject,
  sources: readonly Source[],
  questions: readonly Question[],
  kind: Kind,
  seed: number,
): Cell[] {
  const asked = kind === 'control' ? questions.slice(0, 1).map((q) => controlOf(q, seed)) : questions;
  const options = kind === 'hidden' ? { hidden: HIDDEN_UNITS } : {};
  return sources.flatMap(({ name, of }) =>
    asked.map((question): Cell => {
      const decisions = probed(engine, dataset, of, question, options);
      return {
        features: name,
        question: question.name,
        kind,
        chance: chanceOf(question),
        ...byPerson(decisions),
      };
    }),
  );
}

/** Everybody has as many images. */
export function byPerson(decisions: readonly Decision[]): Pick<Cell, 'images' | 'hits'> {
  const people = peopleOf(decisions);
  const hits = people.map((person) =>
    decisions.reduce((n, d) => n + Number(d.subject === person && d.label === d.predicted), 0),
  );
  return { images: decisions.length / people.length, hits };
}

export const peopleOf = (decisions: readonly Decision[]): string[] =>
  [...new Set(decisions.map(({ subject }) => subject))].sort();
