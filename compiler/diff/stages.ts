/** @file What the trainings of two models differ in: settings, steps, objectives, optimizers. */
import type { OptimizerIR, StageIR, StepIR } from '../model/ir.js';
import { formatOptimizer, formatScalar } from '../model/print.js';
import { formatCoefficient } from '../scalar/coefficient.js';
import { compareTables, fieldsOf, type Cell, type Difference } from './difference.js';
import type { Seen } from './models.js';

export function compareStages(a: Seen, b: Seen): Difference[] {
  const before = new Map(a.model.stages.map((s) => [titleOf(s), s]));
  const after = new Map(b.model.stages.map((s) => [titleOf(s), s]));
  const whole = (stages: ReadonlyMap<string, StageIR>): Map<string, string> =>
    new Map([...stages].map(([title, { steps }]) => [title, `steps ${steps.map((s) => s.name).join(', ')}`]));
  const kept = new Set([...before.keys()].filter((title) => after.has(title)));
  const only = (table: ReadonlyMap<string, string>): Map<string, string> =>
    new Map([...table].filter(([title]) => !kept.has(title)));
  return [
    ...compareTables('trainings', only(whole(before)), only(whole(after))),
    ...[...kept].flatMap((title) => compareStage(title, [before.get(title)!, a], [after.get(title)!, b])),
  ];
}

const titleOf = ({ name }: StageIR): string => (name === null ? 'train' : `train ${name}`);

function compareStage(title: string, [x, a]: [StageIR, Seen], [y, b]: [StageIR, Seen]): Difference[] {
  const settings = (stage: StageIR): Map<string, string> =>
    new Map([
      ...fieldsOf(
        {
          ...stage,
          frozen: stage.frozen.toSorted(),
          frozenStatistics: stage.frozenStatistics.toSorted(),
        },
        'name',
        'steps',
        'log',
        'start',
      ),
      ...startsOf(stage),
    ]);
  const logged = (stage: StageIR, side: Seen): Map<string, Cell> =>
    new Map(
      stage.log.map(({ name, value }) => [`log ${name}`, { key: side.numbering.used(value), text: name }]),
    );
  const names = (stage: StageIR): string[] => stage.steps.map((s) => s.name);
  const common = names(x).filter((name) => names(y).includes(name));
  const order = (stage: StageIR): string =>
    names(stage)
      .filter((name) => common.includes(name))
      .join(', ');
  const reordered = compareTables(
    title,
    new Map([['order of steps', order(x)]]),
    new Map([['order of steps', order(y)]]),
  );
  const missing = (stage: StageIR): Map<string, string> =>
    new Map(
      stage.steps
        .filter(({ name }) => !common.includes(name))
        .map((step) => [`step ${step.name}`, `minimize ${objectiveOf(step)}`]),
    );
  return [
    ...compareTables(title, settings(x), settings(y)),
    ...compareTables(title, missing(x), missing(y)),
    ...reordered,
    ...common.flatMap((name) => {
      const [one, other] = [x, y].map((stage) => stage.steps.find((s) => s.name === name)!) as [
        StepIR,
        StepIR,
      ];
      return compareStep(name === 'main' ? title : `${title}, step ${name}`, one, other, a, b);
    }),
    ...compareTables(title, logged(x, a), logged(y, b)),
  ];
}

/** The lines of `start`, in the order in which they are done. */
const startsOf = ({ start }: StageIR): [string, string][] =>
  start.map(({ groups, from }, i) => [
    `start ${i + 1}`,
    `${groups.toSorted().join(', ')} from ${from.kind} ${from.name}`,
  ]);

const objectiveOf = ({ objective }: StepIR): string =>
  objective.map(({ loss, coefficient }) => `${formatCoefficient(coefficient)} * ${loss}`).join(' + ');

function compareStep(section: string, x: StepIR, y: StepIR, a: Seen, b: Seen): Difference[] {
  const weights = ({ objective }: StepIR): Map<string, string> =>
    new Map(objective.map(({ loss, coefficient }) => [`weight of ${loss}`, formatCoefficient(coefficient)]));
  return [
    ...compareTables(
      section,
      fieldsOf(x, 'name', 'objective', 'optimizers'),
      fieldsOf(y, 'name', 'objective', 'optimizers'),
    ),
    ...compareTables(section, weights(x), weights(y)),
    ...compareOptimizers(section, x, y, a, b),
  ];
}

/** By group; groups with the same change are one entry. A group that only one model has brings its optimizer along. */
function compareOptimizers(section: string, x: StepIR, y: StepIR, a: Seen, b: Seen): Difference[] {
  const both = ({ groups }: OptimizerIR): readonly string[] =>
    groups.filter((name) => [a, b].every((side) => side.model.groups.some((g) => g.name === name)));
  const byGroup = (step: StepIR): Map<string, OptimizerIR> =>
    new Map(step.optimizers.flatMap((o) => both(o).map((group) => [group, o] as const)));
  const [before, after] = [byGroup(x), byGroup(y)];
  const alike = new Map<
    string,
    { readonly text: Pick<Difference, 'before' | 'after'>; readonly groups: string[] }
  >();
  for (const group of new Set([...before.keys(), ...after.keys()])) {
    const text = changeOf(before.get(group), after.get(group));
    if (!text) continue;
    const key = JSON.stringify(text);
    if (!alike.has(key)) alike.set(key, { text, groups: [] });
    alike.get(key)!.groups.push(group);
  }
  return [
    ...[...alike.values()].map(({ text, groups }) => ({
      section,
      name: `optimizer of ${groups.toSorted().join(', ')}`,
      ...text,
    })),
    ...compareTables(section, clipped(x, both), clipped(y, both)),
  ];
}

/** The whole of what is on one side only or of another kind, else the options that differ. */
function changeOf(
  a: OptimizerIR | undefined,
  b: OptimizerIR | undefined,
): Pick<Difference, 'before' | 'after'> | undefined {
  const [before, after] = [a, b].map((o) => o && decimal(formatOptimizer(o))) as [string?, string?];
  if (before === after) return undefined;
  if (!a || !b || a.kind !== b.kind)
    return { ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
  const options = (o: OptimizerIR): Map<string, string> =>
    new Map([
      ['rate', formatScalar(o.rate)],
      ...Object.entries(o.options).map(([name, value]) => [name, formatScalar(value)] as const),
      ...fieldsOf(o, 'kind', 'rate', 'options', 'groups'),
    ]);
  const changed = compareTables('', options(a), options(b));
  const side = (of: 'before' | 'after'): string =>
    changed.map((d) => `${d.name}: ${decimal(d[of] ?? 'none')}`).join(', ');
  return { before: side('before'), after: side('after') };
}

/** `clip_norm` bounds the gradients of all groups of an optimizer together. */
function clipped(step: StepIR, both: (o: OptimizerIR) => readonly string[]): Map<string, string> {
  const together = step.optimizers
    .filter((o) => 'clip_norm' in o.options)
    .map((o) => both(o).toSorted().join(', '));
  return new Map(together.map((groups) => [`clipped together: ${groups}`, '']));
}

/** Fractions as decimals where these are short. */
const decimal = (text: string): string =>
  text.replace(/\b(\d+)\/(\d+)\b/g, (fraction, a: string, b: string) => {
    const short = String(Number(a) / Number(b));
    return short.length <= 8 ? short : fraction;
  });
