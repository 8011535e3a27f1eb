/** @file Experiments: a model with its data, how it is trained and judged, checked against each other before any file is opened. */
import type {
  ExperimentItem,
  Expr,
  Setting,
  StageLine,
  TestLine,
  UseModelLine,
} from '../../grammar/syntax.js';
import { WHOLE } from '../scalar/ranges.js';
import { parseSignature } from '../elaborate/builtins.js';
import type { Shared } from '../elaborate/environment.js';
import type { Report } from '../diagnostics/report.js';
import type { Shape } from '../graph/graph.js';
import type { DataIR, ExperimentIR } from '../model/experiment.js';
import type { InputIR } from '../model/ir.js';
import { labelsReadBy } from '../model/labels.js';
import { sharedPeople } from '../model/people.js';
import { FER2013_SIZE, fieldsOf } from '../model/sources.js';
import { flatten } from './extends.js';
import type { FlatModel } from './flat.js';
import type { CheckedStage } from './carry.js';
import { withHypers } from './hypers.js';
import { readReportItem } from './report-items.js';
import { resolvePath, type FileScope } from './scope.js';
import { readSelect } from './select.js';
import { Settings } from './settings.js';
import { resolveStage, stageLines, type ResolvedStage } from './stages.js';
import { reportUnsupportedExperiment } from './unsupported.js';
import { listed } from '../diagnostics/suggestion.js';

const SETTINGS = ['score', 'select', 'seeds', 'report'];
const SCORES = {
  image: parseSignature('; crops: mean'),
  crop: parseSignature(''),
  sequence: parseSignature('; frames: mean, crops: mean'),
};
/** An experiment whose names are resolved. */
export interface ResolvedExperiment {
  readonly experiment: ExperimentIR;
  /** In the order in which they run, at least one. */
  readonly stages: readonly ResolvedStage[];
  readonly testData: DataIR | null;
}

export interface ExperimentContext {
  readonly shared: Shared;
  /** A data block checked once; undefined if it has errors. */
  readonly dataOf: (line: StageLine | TestLine, scope: FileScope) => DataIR | undefined;
}

export function checkExperiment(
  item: ExperimentItem,
  scope: FileScope,
  context: ExperimentContext,
): ResolvedExperiment | undefined {
  const { shared } = context;
  const { report } = shared;
  const lines = <K extends 'use-model' | 'test'>(
    kind: K,
  ): Extract<ExperimentItem['lines'][number], { kind: K }>[] =>
    item.lines.filter((l): l is Extract<ExperimentItem['lines'][number], { kind: K }> => l.kind === kind);
  const model = single(lines('use-model'), 'model', item, shared, 'write `model name`');
  const order = stageLines(item, report);
  const test = lines('test').length > 0 ? single(lines('test'), 'test', item, shared, '') : null;
  const later = reportUnsupportedExperiment(item, report);
  const flat = model && flatModelOf(model, scope, context);
  const stages = order?.flatMap((line, i) => {
    const data = context.dataOf(line, scope);
    return (flat && data && resolveStage(line, i, flat, data, scope, report)) ?? [];
  });
  const testData = test ? context.dataOf(test, scope) : null;
  const own = item.lines.filter((l): l is Setting => l.kind === 'setting');
  const settings = new Settings(`experiment \`${item.name.text}\``, own, SETTINGS, scope, shared, [
    'model',
    'pretrain',
    'train',
    'test',
  ]);
  const rest = later ? undefined : report.attempt(() => readSettings(settings));
  if (later || !flat || !stages || stages.length !== order!.length || testData === undefined || !rest)
    return undefined;
  const last = stages!.at(-1)!;
  if (!testData && !last.data.folds) {
    report.error('ED6007', item.name.span, `\`${item.name.text}\` has nothing to test on`, {
      labels: [{ span: last.data.span, message: 'this data has no folds' }],
      hint: 'write `folds blocks(10, by: subject)` in the data, or `test on other_data` in the experiment',
    });
    return undefined;
  }
  if (test && testData) warnTestedOnTrained(item, stages!, test, testData, report);
  else warnHeldOutMet(item, stages!, report);
  return {
    experiment: {
      name: item.name.text,
      model: flat.name,
      test: testData && { data: testData.name },
      ...rest,
      span: item.name.span,
    },
    stages: stages!,
    testData,
  };
}

function warnTestedOnTrained(
  item: ExperimentItem,
  stages: readonly ResolvedStage[],
  test: TestLine,
  testData: DataIR,
  report: Report,
): void {
  for (const { line, data } of stages) {
    if (sharedPeople(data, testData) === 'none') continue;
    report.warning(
      'ED6010',
      test.span,
      `\`${item.name.text}\` is tested on ${testData.name === data.name ? 'the data' : 'the people'} it is ${line.verb}ed on`,
      {
        labels: [{ span: line.span, message: line.verb === 'train' ? 'the training' : 'the pretraining' }],
        hint: `leave \`test on\` out and divide \`${data.name}\`: \`folds blocks(4, by: subject)\``,
      },
    );
  }
}

/** Earlier stages leave the people out that are held out, if they know them by the same names. */
function warnHeldOutMet(item: ExperimentItem, stages: readonly ResolvedStage[], report: Report): void {
  const { line: last, data: judged } = stages.at(-1)!;
  for (const { line, data } of stages) {
    if (sharedPeople(data, judged) !== 'unnamed') continue;
    report.warning(
      'ED6010',
      line.span,
      `\`${item.name.text}\` is tested on people it is ${line.verb}ed on: \`${data.name}\` and \`${judged.name}\` show the same ones under other names`,
      {
        labels: [{ span: last.span, message: 'the stage that holds people out' }],
        hint: `read \`${data.name}\` as \`${judged.name}\` is read, or from another source`,
      },
    );
  }
}

/** Exactly one line of a kind. */
function single<L extends UseModelLine | TestLine>(
  found: readonly L[],
  what: string,
  item: ExperimentItem,
  { report }: Shared,
  hint: string,
): L | undefined {
  if (found.length === 1) return found[0];
  if (found.length === 0)
    report.error('ED6006', item.name.span, `\`${item.name.text}\` has no \`${what}\` line`, { hint });
  else
    report.error('ED6009', found[1]!.span, `\`${item.name.text}\` has two \`${what}\` lines`, {
      labels: [{ span: found[0]!.span, message: 'the first' }],
      hint: 'leave one of them out, or write an experiment of its own for it',
    });
  return undefined;
}

function flatModelOf(
  line: UseModelLine,
  scope: FileScope,
  { shared }: ExperimentContext,
): FlatModel | undefined {
  const { report } = shared;
  const found = resolvePath(line.model, 'model', scope, report);
  const flat = found && flatten(found.item, found.scope, report);
  return flat && withHypers(flat, line.with, scope, report);
}

function readSettings(settings: Settings): Pick<ExperimentIR, 'score' | 'select' | 'seeds' | 'report'> {
  const scoreExpr = settings.one('score');
  const score = scoreExpr && settings.call(scoreExpr, 'score', SCORES);
  const fusion = <W extends string>(parameter: string, words: readonly [W, ...W[]]): W =>
    score?.parameters.some((p) => p.name === parameter) ? score.choice(parameter, words) : words[0];
  const seeds = settings.get('seeds')?.values.map((e) => seedOf(e, settings)) ?? [];
  return {
    score: {
      kind: (score?.name ?? 'image') as ExperimentIR['score']['kind'],
      crops: fusion('crops', ['mean', 'vote', 'center']),
      frames: fusion('frames', ['mean', 'vote']),
    },
    select: readSelect(settings),
    seeds,
    report: (settings.get('report')?.values ?? []).map((e) => readReportItem(e, settings.report)),
  };
}

function seedOf(expr: Expr, settings: Settings): number {
  if (expr.kind === 'number' && WHOLE.holds(expr.value)) return expr.value;
  return settings.report.fail('ED6003', expr.span, `a seed is ${WHOLE.text}`, {
    hint: 'write, for example, `seeds 1, 2, 3`',
  });
}

/** A stage whose data, or whose test data, is held against its model. */
interface Fitted extends Pick<CheckedStage, 'model' | 'block' | 'flat' | 'line'> {
  /** The experiment has no other. */
  readonly isOnly: boolean;
}

/** How to give a label the classes of the data. */
function classesHint(name: string, { flat, line, isOnly }: Fitted, count: number): string {
  const member = flat.members.find((m) => m.member.kind === 'label' && m.member.name.text === name)?.member;
  const label = member?.kind === 'label' ? member : undefined;
  if (label?.of) return 'list the same classes in both, in the same order';
  const [size] = label?.type.sizes ?? [];
  return size?.kind === 'name'
    ? isOnly
      ? `write \`model ${flat.name} with ${size.text} = ${count}\` in the experiment`
      : `write \`${line.verb} on ${line.on.map((b) => b.data.parts.map((p) => p.text).join('.')).join(', ')} with ${size.text} = ${count}\``
    : `write \`class[${count}]\` in the model`;
}

/** How to give a model the images it reads. */
function imageHint([, height, width, depth]: Shape, otherColor: boolean, otherSize: boolean): string {
  const isColor = depth === 1 || depth === 3;
  if (otherColor && !isColor) return 'images have 1 channel (gray) or 3 (rgb)';
  const changes = [
    ...(otherColor ? [`\`color ${depth === 1 ? 'gray' : 'rgb'}()\``] : []),
    ...(otherSize ? [`\`resize to(${height}, ${width})\``] : []),
  ];
  return `in the data, write ${changes.join(' and ')}${otherSize ? ', or crops of that size' : ''}`;
}

/** What only model and data together can get wrong: image sizes, fields and classes. `inputs`: those that this data must give. */
export function checkFit(
  stage: Fitted,
  inputs: readonly InputIR[],
  data: DataIR,
  judged: boolean,
  report: Report,
): void {
  const { model, block } = stage;
  const own = ['fer2013', 'fer_plus'].includes(data.source.kind) ? FER2013_SIZE : null;
  const aligned = data.align ? [data.align.height, data.align.width] : null;
  const size = data.crops ? [data.crops.height, data.crops.width] : (aligned ?? data.resize ?? own);
  const channels = data.color === 'gray' ? 1 : 3;
  const hasField = (name: string): boolean => fieldsOf(data.source)?.includes(name) ?? true;
  for (const input of inputs.filter((i) => i.kind !== 'image' && !hasField(i.name))) {
    report.error(
      'ED6008',
      input.span,
      `\`${model.name}\` reads \`${input.name}\`, which is no image, and \`${data.name}\` gives images`,
      {
        labels: [{ span: data.span, message: 'images and one label' }],
        hint: `declare \`${input.name}\` as \`image[height, width, channels]\`, or read a field of that name with \`source manifest("path")\``,
      },
    );
  }
  for (const input of inputs.filter((i) => i.kind === 'image')) {
    const [, height, width, depth] = input.shape;
    const otherSize = size !== null && (size[0] !== height || size[1] !== width);
    if (depth !== channels || otherSize) {
      const found = size ? `${size[0]} by ${size[1]}, ${data.color}` : data.color;
      report.error(
        'ED6008',
        input.span,
        `\`${model.name}\` reads images of ${height} by ${width} with ${depth} channel${depth === 1 ? '' : 's'}, and \`${data.name}\` gives ${found}`,
        {
          label: `${height} by ${width}, ${depth} channel${depth === 1 ? '' : 's'}`,
          labels: [{ span: data.span, message: found }],
          hint: imageHint(input.shape, depth !== channels, otherSize),
        },
      );
    }
  }
  const given = data.classes;
  if (!given) return;
  for (const label of labelsReadBy(model, block, judged)) {
    if (label.classes.join() === given.join()) continue;
    const counts =
      label.classes.length === given.length
        ? 'in another order or with other names'
        : `${given.length}, not ${label.classes.length}`;
    report.error(
      'ED6004',
      label.span,
      `the classes of \`${label.name}\` are not those of \`${data.name}\`: ${counts}`,
      {
        label: listed(label.classes),
        labels: [{ span: data.span, message: listed(given) }],
        hint: classesHint(label.name, stage, given.length),
      },
    );
  }
}
