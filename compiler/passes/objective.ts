/** @file What a step's differentiation has to answer: its losses with weights and effective routes, and the parameters of each group. */
import type { Graph, Output, ValueId } from '../graph/graph.js';
import type { MaskIR, ModelIR, StageIR, StepIR } from '../model/ir.js';
import type { Coefficient } from '../scalar/coefficient.js';
import * as C from '../scalar/coefficient.js';
import type { RoutedObjective } from '../routing/terms.js';

/** The losses of a step's objective, the masks of their routes and the stage's logged scalars: what its forward graph must compute. */
export function stepOutputs(model: ModelIR, stage: StageIR, step: StepIR): Output[] {
  const losses = step.objective.map(({ loss }): Output => ({
    role: 'loss',
    name: loss,
    value: lossOf(model, loss).value,
  }));
  const masks = step.objective.flatMap(({ loss }) =>
    effectiveMasks(model, stage, loss).map(([group, { value }]): Output => ({
      role: 'mask',
      name: maskOutput(loss, group),
      value,
    })),
  );
  return [...losses, ...masks, ...stage.log.map((entry): Output => ({ role: 'value', ...entry }))];
}

export function lossOf(model: ModelIR, name: string): ModelIR['losses'][number] {
  const loss = model.losses.find((l) => l.name === name);
  if (!loss) throw new Error(`internal: no loss called ${name}`);
  return loss;
}

/** The route without the groups that the stage freezes. */
export function effectiveRoute(model: ModelIR, stage: StageIR, loss: string): Map<string, Coefficient> {
  const entries = lossOf(model, loss).route.filter(({ group }) => !stage.frozen.includes(group));
  return new Map(entries.map(({ group, by }) => [group, by]));
}

/** The masks of the effective route, by group. */
function effectiveMasks(model: ModelIR, stage: StageIR, loss: string): (readonly [string, MaskIR])[] {
  return lossOf(model, loss).route.flatMap(({ group, mask }) =>
    mask && !stage.frozen.includes(group) ? [[group, mask] as const] : [],
  );
}

const maskOutput = (loss: string, group: string): string => `${loss}.${group}`;

/** Groups that a loss of the step updates: those whose running statistics move. */
export function updatedGroups(model: ModelIR, stage: StageIR, step: StepIR): Set<string> {
  return new Set(
    step.objective
      .filter(({ coefficient }) => !C.isZero(coefficient))
      .flatMap(({ loss }) => [...effectiveRoute(model, stage, loss).keys()]),
  );
}

/** For a forward graph that `specialise` made of this step. */
export function routedObjective(graph: Graph, model: ModelIR, stage: StageIR, step: StepIR): RoutedObjective {
  const parameters = new Map<string, ValueId>();
  for (const node of graph.nodes)
    if (node.op === 'parameter') parameters.set(node.attrs['path'] as string, node.outputs[0]!);
  return {
    losses: step.objective
      .filter(({ coefficient }) => !C.isZero(coefficient))
      .map(({ loss, coefficient }) => ({
        name: loss,
        value: graph.outputs.find((o) => o.role === 'loss' && o.name === loss)!.value,
        weight: coefficient,
        route: effectiveRoute(model, stage, loss),
        masks: new Map(
          effectiveMasks(model, stage, loss).map(([group, { text }]) => {
            const name = maskOutput(loss, group);
            const { value } = graph.outputs.find((o) => o.role === 'mask' && o.name === name)!;
            return [group, { value, text }];
          }),
        ),
      })),
    groups: model.groups.map((group) => ({
      name: group.name,
      parameters: group.parameters.flatMap((p) => parameters.get(p.path) ?? []),
    })),
  };
}
