/** @file Checks that the parts of a model IR fit together: every name and value that is mentioned exists, every path belongs to one group. */
import { verifyGraph } from '../graph/verify.js';
import type { ModelIR } from './ir.js';

/** Violations in plain words; empty for every model the checker makes. */
export function verifyModel(model: ModelIR): string[] {
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

  const paths = model.groups.flatMap((g) => [...g.parameters, ...g.statistics].map((p) => p.path));
  for (const [i, path] of paths.entries())
    if (paths.indexOf(path) < i) problems.push(`the path ${path} stands twice`);
  const known = new Set(paths);
  for (const node of model.graph.nodes) {
    if ((node.op === 'parameter' || node.op === 'statistic') && !known.has(node.attrs['path'] as string)) {
      problems.push(`the graph reads ${String(node.attrs['path'])}, which no group has`);
    }
  }
  for (const entry of [
    ...model.inputs,
    ...model.labels,
    ...model.values,
    ...model.losses,
    ...model.predictions,
  ]) {
    needValue(entry.value, entry.name);
  }
  for (const loss of model.losses)
    for (const { group } of loss.route) needGroup(group, `the route of ${loss.name}`);
  for (const stage of model.stages) {
    for (const group of [...stage.frozen, ...stage.frozenStatistics]) needGroup(group, 'freeze');
    for (const entry of stage.log) needValue(entry.value, `log ${entry.name}`);
    for (const step of stage.steps) {
      for (const { loss } of step.objective) {
        if (!losses.has(loss)) problems.push(`step ${step.name} minimizes ${loss}, which is not declared`);
      }
      for (const { groups: names } of step.optimizers)
        for (const group of names) needGroup(group, `step ${step.name}`);
    }
  }
  return [...problems, ...verifyGraph(model.graph)];
}
