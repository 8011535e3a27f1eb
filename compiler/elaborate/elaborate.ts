/** @file A flat model to the model IR: names, types, shapes, parameters, routes and training steps, all proved before any data is read. */
import type { LossMember, TrainMember, ValueMember } from '../../grammar/syntax.js';
import type { FlatMember, FlatModel } from '../check/flat.js';
import { mentionsOf } from '../check/mentions.js';
import { around } from '../diagnostics/edits.js';
import { Report } from '../diagnostics/report.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { GraphBuilder } from '../graph/builder.js';
import { formatType, type Output, type ValueId } from '../graph/graph.js';
import type { LossIR, ModelIR, PredictionIR } from '../model/ir.js';
import { Budget } from './budget.js';
import { isBuiltIn } from './builtins.js';
import type { Shared } from './environment.js';
import { evaluate } from './evaluate.js';
import { Members } from './members.js';
import { ScalarTable } from './numbers.js';
import { ParameterTable } from './parameters.js';
import { resolveRoute, type RouteContext } from './routes.js';
import { checkCopies } from './starts.js';
import { elaborateTrain, type TrainContext } from './train.js';
import { checkUpdates } from './updates.js';
import { warnUselessStops } from './useless-stops.js';
import { describe, type TensorValue, type Value } from './values.js';

export interface Elaborated {
  /** Absent if there is any error. */
  readonly model?: ModelIR;
  readonly diagnostics: readonly Diagnostic[];
}

export function elaborate(model: FlatModel): Elaborated {
  const report = new Report();
  const builder = new GraphBuilder();
  const shared: Shared = {
    builder,
    report,
    scalars: new ScalarTable(),
    parameters: new ParameterTable(builder, report),
    budget: new Budget(report),
  };
  const members = new Members(model, shared);
  checkShadowing(model, report);
  members.forceAll();

  const lossValues = membersOf<LossMember>(model, 'loss').flatMap((flat) => {
    const value = report.attempt(() => lossValue(flat, members, shared));
    return value === undefined ? [] : [{ flat, value }];
  });
  const predictions = membersOf<ValueMember>(model, 'predict').flatMap(
    (flat) => report.attempt(() => predict(flat, members, shared)) ?? [],
  );
  const values = membersOf<ValueMember>(model, 'value').flatMap(({ member }) => {
    const value = report.attempt(() =>
      members.lookup(member.name.text, member.name.span, { name: '', applications: 0 }),
    );
    return value?.kind === 'tensor'
      ? [{ name: member.name.text, value: value.id, span: member.name.span }]
      : [];
  });

  const outputs: Output[] = [
    ...lossValues.map(({ flat, value }): Output => ({ role: 'loss', name: flat.member.name.text, value })),
    ...predictions.map(({ name, value }): Output => ({ role: 'predict', name, value })),
  ];
  const context: RouteContext = {
    graph: builder.build(outputs),
    members,
    shared,
    valueNames: new Map(values.map((v) => [v.value, v.name])),
  };
  const losses: LossIR[] = lossValues.map(({ flat, value }) => resolveRoute(flat, value, context));
  const updatesAll = new Set(
    lossValues
      .filter(({ flat }) => flat.member.route?.some((t) => t.groups.some((g) => g.text === 'all')))
      .map(({ flat }) => flat.member.name.text),
  );
  // Loss and group errors first: a missing update is then often only their echo.
  const sound = !report.hasErrors;
  const trains = membersOf<TrainMember>(model, 'train');
  const trainContext: TrainContext = {
    members,
    shared,
    losses: new Map(losses.map((l) => [l.name, l])),
    stages: trains.flatMap(({ member }) => member.name?.text ?? []),
  };
  const stages = trains.map((flat) => elaborateTrain(flat, trainContext));
  if (stages.length === 0) {
    report.error('ED5001', model.span, `\`${model.name}\` has no \`train\`, so nothing updates its groups`, {
      hint: 'write `train { minimize loss using adam(rate: 1e-3) }`',
    });
  }
  const groups = membersOf<ValueMember>(model, 'group').map(({ member }) => ({
    name: member.name.text,
    ...shared.parameters.of(member.name.text),
    span: member.name.span,
  }));
  if (sound && !report.hasErrors) {
    for (const { start } of stages) checkCopies(start, groups, report);
    checkUpdates(groups, losses, stages, shared.parameters.applied, builder.build(outputs), report);
    warnUselessStops(losses, updatesAll, context);
    warnUnused(model, report);
  }
  if (report.hasErrors) return { diagnostics: report.diagnostics };
  return {
    diagnostics: report.diagnostics,
    model: {
      format: 'ed2l-model',
      version: 1,
      name: model.name,
      // As declared: they were evaluated when something first read them.
      hypers: members.namesOf('hyper').map((name) => members.hypers.get(name)!),
      scalars: shared.scalars.entries.map(({ name, value }) => {
        const span = members.hypers.get(name)?.span;
        return { name, value, ...(span && { span }) };
      }),
      inputs: members.inputs,
      labels: members.labels,
      groups,
      graph: builder.build(outputs),
      values,
      losses,
      predictions,
      stages,
    },
  };
}

function membersOf<M extends FlatMember['member']>(model: FlatModel, kind: M['kind']): FlatMember<M>[] {
  return model.members.filter((m): m is FlatMember<M> => m.member.kind === kind);
}

/** A member hides neither a name of its file nor a built-in. */
function checkShadowing(model: FlatModel, report: Report): void {
  for (const { member, scope, inherited } of model.members) {
    if (inherited || member.kind === 'predict' || member.kind === 'train' || member.kind === 'remove')
      continue;
    const { text, span } = member.name;
    const outer = scope.names.get(text);
    if (outer) {
      report.error('ED2003', span, `\`${text}\` hides a name of the file`, {
        labels: [{ span: outer.span, message: 'declared here' }],
        hint: 'give it another name',
      });
    } else if (isBuiltIn(text))
      report.error('ED2003', span, `\`${text}\` hides a built-in`, { hint: 'give it another name' });
  }
}

function lossValue(flat: FlatMember<LossMember>, members: Members, shared: Shared): number {
  const { member } = flat;
  const name = member.name.text;
  if (!member.value)
    shared.report.fail('ED2021', member.name.span, `\`${name}\` has no expression`, {
      hint: `write \`loss ${name} = … updates …\`; only an override of an inherited loss leaves it out`,
    });
  if (!member.route) {
    shared.report.error('ED4001', member.name.span, `\`${name}\` does not say which groups it updates`, {
      hint: 'add `updates group, …` (or `updates all`): silence is not a route',
    });
  }
  const value = evaluate(member.value, members.env(flat, name), shared);
  if (value.kind !== 'tensor' || value.type.dtype !== 'f32')
    shared.report.fail(
      'ED3012',
      member.value.span,
      value.kind === 'number'
        ? 'a loss is computed from a group, and this is a number of the spec'
        : `a loss is a single number, and this is ${describe(value)}`,
      { hint: 'compute it with a loss function such as `cross_entropy(logits, label)`, or a `mean(…)`' },
    );
  if (value.type.shape.length > 0) {
    shared.report.fail(
      'ED3012',
      member.value.span,
      `a loss is a single number, and this is \`${formatType(value.type)}\``,
      {
        hint:
          value.type.shape[0] === 'batch'
            ? 'write `mean(…)` around it: nothing is averaged silently'
            : 'write `mean(…)` or `sum(…)` around it',
        fix: around('mean', member.value.span),
      },
    );
  }
  return value.id;
}

function predict(flat: FlatMember<ValueMember>, members: Members, shared: Shared): PredictionIR {
  const { member } = flat;
  const name = member.name.text;
  const value = evaluate(member.value, members.env(flat, `predict ${name}`), shared);
  if (value.kind !== 'tensor')
    shared.report.fail(
      'ED3013',
      member.value.span,
      `a prediction is a tensor, and this is ${describe(value)}`,
      { hint: 'predict the output of a group, for example `softmax(logits)`' },
    );
  const needed = labelNeededBy(value.id, shared);
  if (needed !== undefined)
    shared.report.fail(
      'ED3013',
      member.value.span,
      `a prediction is made without labels, and this needs \`${needed}\``,
      { ...members.labelOf(needed), hint: 'compute it from inputs alone' },
    );
  const isLabel = members.kindOf(name) === 'label';
  if (isLabel) checkClasses(name, flat, value, members, shared);
  return { name, value: value.id, label: isLabel ? name : null, span: member.name.span };
}

/** The first label that a value is computed from, if there is one. */
function labelNeededBy(value: ValueId, { builder }: Shared): string | undefined {
  const seen = new Set([value]);
  for (const id of seen) {
    const { op, inputs, attrs } = builder.producer(id);
    if (op === 'label') return attrs['name'] as string;
    for (const input of inputs) seen.add(input);
  }
  return undefined;
}

/** `[batch, n]` for n classes; for two also `[batch]` or `[batch, 1]`, the probability of class 1. */
function checkClasses(
  name: string,
  { member }: FlatMember<ValueMember>,
  value: TensorValue,
  members: Members,
  shared: Shared,
): void {
  const label = members.lookup(name, member.name.span, { name: '', applications: 0 }) as Extract<
    Value,
    { kind: 'label' }
  >;
  const n = label.label.classes.length;
  const rest = value.type.shape.slice(1).join();
  const fits =
    value.type.dtype === 'f32' &&
    value.type.shape[0] === 'batch' &&
    (rest === String(n) || (n === 2 && (rest === '' || rest === '1')));
  if (fits) return;
  shared.report.fail(
    'ED3013',
    member.value.span,
    `\`${name}\` has ${n} classes, so its prediction is \`f32[batch, ${n}]\`, and this is \`${formatType(value.type)}\``,
    {
      label: `this is \`${formatType(value.type)}\``,
      labels: [{ span: label.label.span, message: `${n} classes` }],
      hint: 'predict one number per class, for example `softmax(logits)`',
    },
  );
}

/** A value nobody reads. */
function warnUnused(model: FlatModel, report: Report): void {
  const read = new Set(model.members.flatMap(({ member }) => [...mentionsOf(member)]));
  for (const { member, inherited } of model.members) {
    if (member.kind !== 'value' || inherited || read.has(member.name.text)) continue;
    report.warning('ED2020', member.name.span, `nothing reads \`${member.name.text}\``, {
      hint: 'delete it, or use it',
    });
  }
}
