/** @file `train`: settings, freezing, steps with their objectives and optimizers. */
import type { Expr, FreezeItem, MinimizeItem, Setting, StepItem, TrainMember } from '../../grammar/syntax.js';
import type { Span } from '../../grammar/span.js';
import { nameOf } from '../check/extends.js';
import type { FlatMember } from '../check/flat.js';
import type { LossIR, StageIR, StepIR } from '../model/ir.js';
import * as C from '../scalar/coefficient.js';
import { Arguments } from './arguments.js';
import { COUNT, WHOLE } from '../scalar/ranges.js';
import type { Env, Shared } from './environment.js';
import { evaluate } from './evaluate.js';
import type { Members } from './members.js';
import { linearObjective } from './objective.js';
import { resolveOptimizers } from './optimizers.js';
import { elaborateStarts } from './starts.js';
import { Tensors } from './tensors.js';
import { describe, type Value } from './values.js';
import { suggestion } from '../diagnostics/suggestion.js';
import { namesIn } from '../check/mentions.js';

const SETTINGS = ['batch', 'epochs', 'seed', 'precision', 'log'] as const;

export interface TrainContext {
  readonly members: Members;
  readonly shared: Shared;
  readonly losses: ReadonlyMap<string, LossIR>;
  /** Named `train` blocks of the model. */
  readonly stages: readonly string[];
}

export function elaborateTrain(flat: FlatMember<TrainMember>, context: TrainContext): StageIR {
  const { members, shared } = context;
  const { member } = flat;
  const env = members.env(flat, 'train');
  const settings = readSettings(member, shared);
  const args = new Arguments(
    'train',
    member.span,
    { given: new Map(), rest: [] },
    [],
    (e) => evaluate(e, env, shared),
    shared.report,
  );
  const whole = (name: 'batch' | 'epochs' | 'seed', otherwise: number): number => {
    const setting = settings.get(name);
    const value =
      setting &&
      shared.report.attempt(() => args.fixedOf(one(setting, shared), name, name === 'seed' ? WHOLE : COUNT));
    return value ?? otherwise;
  };
  checkPrecision(settings.get('precision'), shared);
  const freezes = member.items.filter((item) => item.kind === 'freeze');
  const stage = {
    name: member.name?.text ?? null,
    batch: whole('batch', 64),
    epochs: whole('epochs', 100),
    seed: whole('seed', 0),
    frozen: frozenGroups(freezes, false, context),
    frozenStatistics: frozenGroups(freezes, true, context),
    start: elaborateStarts(
      member.items.filter((item) => item.kind === 'start'),
      { groups: members.namesOf('group'), stages: context.stages, report: shared.report },
    ),
    log: logged(settings.get('log'), env, shared),
    span: member.span,
  };
  return { ...stage, steps: elaborateSteps(member, stage.frozen, env, context) };
}

function readSettings(member: TrainMember, shared: Shared): ReadonlyMap<string, Setting> {
  const settings = new Map<string, Setting>();
  for (const item of member.items) {
    if (item.kind !== 'setting') continue;
    const { text, span } = item.name;
    const before = settings.get(text);
    if (!(SETTINGS as readonly string[]).includes(text)) {
      shared.report.error(
        'ED5008',
        span,
        `\`train\` has no setting \`${text}\``,
        suggestion(item.name, [...SETTINGS, 'minimize', 'step', 'freeze']),
      );
    } else if (before) {
      shared.report.error('ED5009', span, `\`${text}\` is set twice`, {
        labels: [{ span: before.name.span, message: 'the first' }],
        hint: 'leave one of them out',
      });
    } else settings.set(text, item);
  }
  return settings;
}

function one(setting: Setting, shared: Shared): Expr {
  if (setting.values.length === 1) return setting.values[0]!;
  return shared.report.fail(
    'ED5010',
    setting.span,
    `\`${setting.name.text}\` takes one value, and this has ${setting.values.length}`,
    {
      hint: `write \`${setting.name.text}\` and a single number`,
    },
  );
}

/** f32 is what there is; `bf16` was answered before as not yet supported. */
function checkPrecision(setting: Setting | undefined, shared: Shared): void {
  const value = setting && shared.report.attempt(() => one(setting, shared));
  if (!value || (value.kind === 'name' && value.text === 'f32')) return;
  shared.report.error('ED5010', value.span, 'precision is f32 or bf16', { hint: 'write precision f32' });
}

function frozenGroups(
  freezes: readonly FreezeItem[],
  statistics: boolean,
  { members, shared }: TrainContext,
): string[] {
  const names = freezes.filter((f) => f.statistics === statistics).flatMap((f) => f.names);
  for (const [i, name] of names.entries()) {
    const before = names.slice(0, i).find((n) => n.text === name.text);
    if (before)
      shared.report.error('ED4003', name.span, `\`${name.text}\` is frozen twice`, {
        labels: [{ span: before.span, message: 'named here already' }],
        hint: 'leave one of them out',
      });
    else if (members.kindOf(name.text) !== 'group') {
      shared.report.error(
        'ED4002',
        name.span,
        `there is no group \`${name.text}\` to freeze`,
        suggestion(name, members.namesOf('group')),
      );
    }
  }
  return [...new Set(names.map((n) => n.text))].filter((n) => members.kindOf(n) === 'group');
}

/** Scalars written with the metrics, each under the name it is written with. */
function logged(setting: Setting | undefined, env: Env, shared: Shared): StageIR['log'] {
  const entries: { name: string; value: number }[] = [];
  for (const expr of setting?.values ?? []) {
    const value = shared.report.attempt(() => tensorOf(expr, env, shared));
    if (!value) continue;
    if (value.kind !== 'tensor' || value.type.shape.length > 0) {
      shared.report.error('ED5010', expr.span, `\`log\` takes single numbers, not ${describe(value)}`, {
        hint: 'take the `mean(…)` of it, or `accuracy(z, label)`',
      });
      continue;
    }
    const base =
      expr.kind === 'name'
        ? expr.text
        : expr.kind === 'call' && expr.callee.kind === 'name'
          ? expr.callee.text
          : 'value';
    let name = base;
    for (let k = 2; entries.some((e) => e.name === name); k++) name = `${base}_${k}`;
    entries.push({ name, value: value.id });
  }
  return entries;
}

/** The word `minimize` alone. */
const wordOf = ({ span }: MinimizeItem): Span => ({ ...span, end: span.start + 'minimize'.length });

/** The value of an expression; of a number, fixed or scheduled, a tensor. */
function tensorOf(expr: Expr, env: Env, shared: Shared): Value {
  const value = evaluate(expr, env, shared);
  if (value.kind !== 'number') return value;
  const t = new Tensors(shared.builder, shared.report, expr.span, 'log');
  return t.constant(shared.scalars.coefficient(value.number));
}

function elaborateSteps(
  member: TrainMember,
  frozen: readonly string[],
  env: Env,
  context: TrainContext,
): StepIR[] {
  const { report } = context.shared;
  const minimizes = member.items.filter((item) => item.kind === 'minimize');
  const steps = member.items.filter((item) => item.kind === 'step');
  if (minimizes.length > 0 && steps.length > 0) {
    report.error('ED5011', wordOf(minimizes[0]!), 'a `train` has either one `minimize` or named steps', {
      labels: [{ span: steps[0]!.name.span, message: 'a step' }],
      hint: 'put this `minimize` into a `step` of its own',
    });
  }
  if (minimizes.length > 1) {
    report.error('ED5011', wordOf(minimizes[1]!), 'a second `minimize` needs a `step`', {
      labels: [{ span: wordOf(minimizes[0]!), message: 'the first' }],
      hint: 'write `step name { minimize … }` around each',
    });
  }
  if (minimizes.length + steps.length === 0) {
    report.error('ED5001', nameOf(member).span, 'this `train` minimizes nothing', {
      hint: 'write `minimize loss using adam(rate: 1e-3)`',
    });
  }
  const seen = new Map<string, Span>();
  for (const { name } of steps) {
    const before = seen.get(name.text);
    if (before)
      report.error('ED2002', name.span, `there are two steps \`${name.text}\``, {
        labels: [{ span: before, message: 'the first' }],
        hint: 'give one of them another name',
      });
    seen.set(name.text, name.span);
  }
  const all: readonly (MinimizeItem | StepItem)[] = steps.length > 0 ? steps : minimizes.slice(0, 1);
  return all.flatMap((item) => report.attempt(() => elaborateStep(item, frozen, env, context)) ?? []);
}

function elaborateStep(
  item: MinimizeItem | StepItem,
  frozen: readonly string[],
  env: Env,
  { members, shared, losses }: TrainContext,
): StepIR {
  const minimize = item.kind === 'step' ? item.minimize : item;
  const args = new Arguments(
    'step',
    item.span,
    { given: new Map(), rest: [] },
    [],
    (e) => evaluate(e, env, shared),
    shared.report,
  );
  const count = (expr: Expr | undefined, name: string): number =>
    expr ? args.fixedOf(expr, name, COUNT) : 1;
  const weights = linearObjective(minimize.objective, env, members, shared);
  const objective = [...weights].map(([loss, weight]) => ({
    loss,
    coefficient: shared.scalars.coefficient(weight),
  }));
  for (const { loss, coefficient } of objective) {
    if (C.isZero(coefficient)) {
      shared.report.warning(
        'ED5014',
        [...namesIn(minimize.objective)].find((n) => n.text === loss)?.span ?? minimize.objective.span,
        `\`${loss}\` has the weight 0, so it updates nothing`,
        { hint: 'leave it out of `minimize`, or give it a weight' },
      );
    }
  }
  const updated = new Set(
    objective
      .filter((o) => !C.isZero(o.coefficient))
      .flatMap(({ loss }) => losses.get(loss)?.route.map((r) => r.group) ?? []),
  );
  const order = members.namesOf('group').filter((g) => updated.has(g) && !frozen.includes(g));
  if (updated.size > 0 && order.length === 0) {
    shared.report.warning('ED5014', minimize.objective.span, 'every group this would update is frozen', {
      hint: 'take the `freeze` away, or this `minimize`',
    });
  }
  return {
    name: item.kind === 'step' ? item.name.text : 'main',
    repeat: item.kind === 'step' ? count(item.repeat, 'repeat') : 1,
    every: item.kind === 'step' ? count(item.every, 'every') : 1,
    objective,
    optimizers: resolveOptimizers(
      minimize,
      order,
      members.numbersOnly(env, 'using', 'ED5003'),
      members,
      shared,
    ),
    span: item.span,
  };
}
