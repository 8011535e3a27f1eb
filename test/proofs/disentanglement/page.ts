/** @file The results of the study as a file, and its tables on the page, between `<!-- made from FILE -->` and `<!-- until here -->`. */
import { readFileSync } from 'node:fs';
import { thisMachine } from '../machine.js';
import type { Cell, Kind } from './measure.js';
import {
  ARMS,
  measured,
  outcomes,
  overPixels,
  sd,
  SEEDS,
  type Arm,
  type Measured,
  type Outcome,
  type Study,
} from './summary.js';

export const PAGE = 'docs/disentanglement.md';
export const RESULTS = 'docs/disentanglement.json';

export interface Results {
  readonly format: 'ed2l-disentanglement';
  readonly version: 1;
  readonly made: string;
  /** Right decisions of each person held out, of every probe. */
  readonly study: Study;
  /** What follows from it. */
  readonly margins: ReturnType<typeof overPixels>;
  readonly outcomes: readonly Outcome[];
}

export function writtenResults(measured: Study): string {
  // What follows is of the numbers as the file has them, so that a reader finds the same.
  const study = JSON.parse(JSON.stringify(measured, rounded)) as Study;
  const results: Results = {
    format: 'ed2l-disentanglement',
    version: 1,
    made: thisMachine(),
    study,
    margins: overPixels(study),
    outcomes: [...outcomes(study, 'linear'), ...outcomes(study, 'hidden')],
  };
  return `${formatJson(results)}\n`;
}

/** A probe or an outcome a line: readable, and small. */
function formatJson({ study, margins, outcomes: found, ...rest }: Results): string {
  const lines = (values: readonly unknown[]): string =>
    `[\n${values.map((value) => JSON.stringify(value, rounded)).join(',\n')}\n]`;
  const trainings = study.trainings.map(
    ({ cells, ...training }) => `${JSON.stringify(training).slice(0, -1)},"cells":${lines(cells)}}`,
  );
  const head = Object.entries(rest).map(
    ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)},`,
  );
  return [
    '{',
    ...head,
    `"margins": ${lines(margins)},`,
    `"outcomes": ${lines(found)},`,
    `"study": {"pixels": ${lines(study.pixels)},`,
    `"trainings": [\n${trainings.join(',\n')}\n]}`,
    '}',
  ].join('\n');
}

const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value;

const BLOCK = /^(<!-- made from \S+ -->\n)[\s\S]*?^(<!-- until here -->)$/m;

export function withTables(page: string, file = RESULTS): string {
  const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
  return page.replace(BLOCK, (_, open: string, close: string) => `${open}\n${tables(results)}\n\n${close}`);
}

export function tables({ made, study, margins, outcomes: found }: Results): string {
  const whole = ARMS.length * SEEDS.length;
  const done = study.trainings.length;
  const hidden = study.trainings.filter(({ cells }) => cells.some(({ kind }) => kind === 'hidden')).length;
  return [
    `Made on ${made}: ${done} of ${whole} trainings, of which ${hidden} are also probed with a hidden layer.`,
    '### Own decisions',
    table(
      ['arm', 'seeds', 'accuracy', 'spread over seeds', 'above the probe on pixels', '8 points above it?'],
      margins.map(({ arm, met, ...over }) => {
        const own = measured(
          study.trainings.filter((t) => t.arm === arm).map(({ seed, decided }) => ({ seed, hits: decided })),
        );
        return [arm, `${own.seeds.length}`, percents(own), spread(own), points(over), met ? 'yes' : '**no**'];
      }),
    ),
    '### The hypotheses',
    ...(['linear', 'hidden'] as const).flatMap((kind) => {
      const own = found.filter((o) => o.kind === kind);
      return own.length === 0
        ? []
        : [
            kind === 'linear' ? 'Linear probes:' : 'Probes with a hidden layer:',
            table(
              ['arm', 'hypothesis', 'difference', 'by seed', 'verdict'],
              own.map(({ arm, hypothesis, difference, verdict }) => [
                arm,
                hypothesis,
                points(difference),
                difference.values.map(signed).join(', '),
                verdict === 'holds' ? verdict : `**${verdict}**`,
              ]),
            ),
          ];
    }),
    '### What probes read',
    'Percent of the images of people held out, mean over seeds, standard deviation over seeds in brackets; then the same as (accuracy - chance) / (1 - chance).',
    ...(['linear', 'hidden', 'control'] as const).flatMap((kind) => probesOf(study, kind)),
  ].join('\n\n');
}

const TITLES: Readonly<Record<Kind, string>> = {
  linear: 'Linear probes:',
  hidden: 'Probes with a hidden layer of 32 units:',
  control: 'Control: linear probes of expressions shuffled within each person, which nothing can tell:',
};

function probesOf(study: Study, kind: Kind): string[] {
  const rows: { arm: string; cells: readonly (Cell & { seed: number })[] }[] = [
    { arm: '-', cells: study.pixels.map((c) => ({ ...c, seed: 1 })) },
    ...ARMS.map((arm: Arm) => ({
      arm,
      cells: study.trainings
        .filter((t) => t.arm === arm)
        .flatMap(({ seed, cells }) => cells.map((c) => ({ ...c, seed }))),
    })),
  ].map(({ arm, cells }) => ({ arm, cells: cells.filter((c) => c.kind === kind) }));
  const all = rows.flatMap(({ cells }) => cells);
  if (all.length === 0) return [];
  const questions = [...new Set(all.map(({ question }) => question))];
  const chance = questions.map((q) => percent(all.find(({ question }) => question === q)!.chance));
  const body = rows.flatMap(({ arm, cells }) =>
    [...new Set(cells.map((c) => c.features))].map((features) => [
      arm,
      features,
      ...questions.map((question) =>
        cellText(cells.filter((c) => c.features === features && c.question === question)),
      ),
    ]),
  );
  return [TITLES[kind], table(['arm', 'features', ...questions], [['', 'chance', ...chance], ...body])];
}

function cellText(cells: readonly (Cell & { seed: number })[]): string {
  if (cells.length === 0) return '';
  const { mean, values } = measured(cells.map((c) => ({ seed: c.seed, hits: c })));
  const { chance } = cells[0]!;
  const normal = ((mean - chance) / (1 - chance)).toFixed(2).replace('-', '−');
  return values.length < 2
    ? `${percent(mean)}; ${normal}`
    : `${percent(mean)} (${percent(sd(values))}); ${normal}`;
}

const percent = (share: number): string => (100 * share).toFixed(1);
const signed = (share: number): string => `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;
const percents = ({ mean, interval }: Measured): string =>
  `${percent(mean)} % (${percent(interval.from)} to ${percent(interval.to)})`;
const points = ({ mean, interval }: Measured): string =>
  `${signed(mean)} (${signed(interval.from)} to ${signed(interval.to)})`;
const spread = ({ values }: Measured): string =>
  values.length < 2
    ? ''
    : `${percent(sd(values))}; ${percent(Math.min(...values))} to ${percent(Math.max(...values))}`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
