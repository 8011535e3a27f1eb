/** @file Checks that the parts of a model IR fit together: every name, value and run-time scalar that is mentioned exists, once, with the type it needs. */
import { formatType, type Graph } from '../graph/graph.js';
import { verifyGraph } from '../graph/verify.js';
import { updatedGroups } from '../passes/objective.js';
import { verifyLeaves } from '../passes/verify-step.js';
import type { Coefficient } from '../scalar/coefficient.js';
import type { ScalarExpr } from '../scalar/expression.js';
import type { ModelIR, StageIR, StepIR } from './ir.js';

/** Violations in plain words; empty for every model the checker makes. */
export function verifyModel(model: ModelIR): string[] {
  const references = [...checkNames(model), ...checkReferences(model)];
  if (references.length > 0) return references;
  return [
    ...verifyGraph(model.graph),
    ...verifyLeaves(model.graph, model, new Map()),
    ...checkTypes(model),
    ...checkStatistics(model),
    ...checkScalars(model),
    ...model.stages.flatMap((stage) => stage.steps.flatMap((step) => checkOptimizers(model, stage, step))),
  ];
}

function checkNames(model: ModelIR): string[] {
  const twice = (what: string, names: readonly string[]): string[] =>
    names.filter((name, i) => names.indexOf(name) < i).map((name) => `the ${what} ${name} stands twice`);
  const misplaced = model.groups.flatMap(({ name, parameters, statistics }) =>
    [...parameters, ...statistics]
      .filter(({ path }) => !path.startsWith(`${name}.`))
      .map(({ path }) => `the path ${path} does not begin with its group ${name}`),
  );
  return [
    ...twice(
      'group',
      model.groups.map((g) => g.name),
    ),
    ...twice(
      'path',
      model.groups.flatMap((g) => [...g.parameters, ...g.statistics].map((p) => p.path)),
    ),
    ...twice(
      'loss',
      model.losses.map((l) => l.name),
    ),
    ...twice(
      'input or label',
      [...model.inputs, ...model.labels].map((i) => i.name),
    ),
    ...twice(
      'scalar',
      model.scalars.map((s) => s.name),
    ),
    ...twice(
      'stage',
      model.stages.map((s) => String(s.name)),
    ),
    ...model.stages.flatMap((stage) =>
      twice(
        'step',
        stage.steps.map((s) => s.name),
      ),
    ),
    ...misplaced,
  ];
}

function checkReferences(model: ModelIR): string[] {
  const problems: string[] = [];
  const groups = new Set(model.groups.map((g) => g.name));
  const losses = new Set(model.losses.map((l) => l.name));
  const values = model.graph.values.length;
  const needGroup = (name: string, where: string): void => {
    if (!groups.has(name)) problems.push(`${where} names the group ${name}, which is not declared`);
  };
  const needValue = (value: number | undefined, where: string): void => {
    if (value !== undefined && value >= values)
      problems.push(`${where} refers to value ${value} of ${values}`);
  };
  for (const entry of [
    ...model.inputs,
    ...model.labels,
    ...model.values,
    ...model.losses,
    ...model.predictions,
  ])
    needValue(entry.value, entry.name);
  for (const { name, label } of model.predictions)
    if (label !== null && !model.labels.some((l) => l.name === label))
      problems.push(`the prediction ${name} is of the label ${label}, which is not declared`);
  for (const loss of model.losses)
    for (const { group, mask } of loss.route) {
      needGroup(group, `the route of ${loss.name}`);
      needValue(mask?.value, `the route of ${loss.name}`);
    }
  for (const stage of model.stages) {
    for (const group of [...stage.frozen, ...stage.frozenStatistics]) needGroup(group, 'freeze');
    for (const { groups: names, from } of stage.start)
      for (const group of from.kind === 'group' ? [...names, from.name] : names) needGroup(group, 'start');
    for (const entry of stage.log) needValue(entry.value, `log ${entry.name}`);
    for (const step of stage.steps) {
      for (const { loss } of step.objective)
        if (!losses.has(loss)) problems.push(`step ${step.name} minimizes ${loss}, which is not declared`);
      for (const { groups: names } of step.optimizers)
        for (const group of names) needGroup(group, `step ${step.name}`);
    }
  }
  return problems;
}

function checkTypes({ graph, losses, predictions }: ModelIR): string[] {
  const output = (role: string, name: string, value: number): string[] =>
    graph.outputs.some((o) => o.role === role && o.name === name && o.value === value)
      ? []
      : [`the ${role} ${name} is not among the outputs of the graph`];
  return [
    ...losses.flatMap(({ name, route }) =>
      route.flatMap(({ mask }) => {
        const type = mask && formatType(graph.values[mask.value]!);
        return type === undefined || type === 'bool[batch]' || type === 'f32[batch]'
          ? []
          : [`a mask in the route of ${name} is ${type}, not one number or truth value per sample`];
      }),
    ),
    ...losses.flatMap(({ name, value }) => {
      const type = formatType(graph.values[value]!);
      return [
        ...(type === 'f32[]' ? [] : [`the loss ${name} is ${type}, not one number`]),
        ...output('loss', name, value),
      ];
    }),
    ...predictions.flatMap(({ name, value }) => output('predict', name, value)),
  ];
}

/** What batch norm keeps is found by the piece it stands in. */
function checkStatistics({ graph, groups }: ModelIR): string[] {
  const declared = new Set(groups.flatMap((g) => g.statistics.map((s) => s.path)));
  return graph.nodes.flatMap(({ op, piece }) =>
    op === 'batch_norm' && ['mean', 'variance'].some((name) => !declared.has(`${piece}.${name}`))
      ? [`a batch_norm stands in ${piece ?? 'no piece'}, which has no statistics`]
      : [],
  );
}

/** Each scalar uses only earlier ones, and coefficients use no others than these and the batch size. */
function checkScalars(model: ModelIR): string[] {
  const known = new Set<string>();
  const problems: string[] = [];
  const needScalar = (name: string, where: string): void => {
    if (!known.has(name))
      problems.push(`${where} uses the run-time scalar ${name}, which is not defined before`);
  };
  const visit = (e: ScalarExpr, where: string): void => {
    if (e.kind === 'scalar') needScalar(e.name, where);
    if (e.kind === 'call') for (const argument of e.arguments) visit(argument, where);
    if (e.kind !== 'plateau') return;
    visit(e.from, where);
    if (!model.losses.some((l) => l.name === e.loss))
      problems.push(`${where} watches ${e.loss}, which is no loss`);
  };
  for (const { name, value } of model.scalars) {
    visit(value, `the scalar ${name}`);
    known.add(name);
  }
  for (const { name, value } of model.hypers)
    if (typeof value === 'object') visit(value, `the hyper ${name}`);
  const coefficient = (by: Coefficient, where: string): void => {
    for (const [name] of by.powers) if (name !== 'batch') needScalar(name, where);
  };
  for (const { name, route } of model.losses)
    for (const { by } of route) coefficient(by, `the route of ${name}`);
  for (const by of coefficientsOf(model.graph)) coefficient(by, 'the graph');
  for (const { steps } of model.stages) {
    for (const step of steps) {
      for (const { loss, coefficient: by } of step.objective) coefficient(by, `the weight of ${loss}`);
      for (const { rate, options } of step.optimizers)
        for (const e of [rate, ...Object.values(options)]) visit(e, `an optimizer of ${step.name}`);
    }
  }
  return problems;
}

function coefficientsOf(graph: Graph): Coefficient[] {
  return graph.nodes.flatMap((node) =>
    Object.values(node.attrs).flatMap((attr) => (typeof attr === 'object' && 'powers' in attr ? [attr] : [])),
  );
}

/** Every group that the step updates has exactly one optimizer, and no other group has one. */
function checkOptimizers(model: ModelIR, stage: StageIR, step: StepIR): string[] {
  const updated = updatedGroups(model, stage, step);
  return model.groups.flatMap(({ name }) => {
    const count = step.optimizers.filter((o) => o.groups.includes(name)).length;
    const wanted = updated.has(name) ? 1 : 0;
    return count === wanted
      ? []
      : [`step ${step.name} has ${count} optimizers for ${name}, where ${wanted} belong`];
  });
}
