/** @file The graphs of our own that are measured: the compiled one, and the same with one backward pass per loss, pruned to what that loss updates. */
import type { Graph, Output, ValueId } from '../compiler/graph/graph.js';
import { GraphBuilder } from '../compiler/graph/builder.js';
import { lowerCarriers } from '../compiler/passes/lower-carriers.js';
import { routedObjective, updatedGroups } from '../compiler/passes/objective.js';
import { copyNode, rewrite } from '../compiler/passes/rewrite.js';
import { appendUpdates } from '../compiler/passes/update.js';
import { compileStep } from '../compiler/program.js';
import { differentiate } from '../compiler/routing/differentiate.js';
import type { Coefficient } from '../compiler/scalar/coefficient.js';
import type { Problem } from './problem.js';

export interface StepGraphs {
  /** Forward, backward, updates. */
  readonly training: Graph;
  /** Without the optimizer: outputs `loss`, `gradient`, and `state` of the running statistics. */
  readonly backward: Graph;
}

type Compiled = Pick<Problem, 'model' | 'stage' | 'step'>;

/** What the compiler makes: one routed sweep. */
export function routedGraphs(problem: Compiled): StepGraphs {
  return split(compileStep(problem.model, problem.stage, problem.step, { gradients: true }).graph, problem);
}

/** One forward pass, then reverse mode for each loss alone towards the groups it updates; a group's gradients are summed. */
export function prunedGraphs(problem: Compiled): StepGraphs {
  const { model, stage, step } = problem;
  const { forward } = compileStep(model, stage, step);
  const objective = routedObjective(forward, model, stage, step);
  const builder = new GraphBuilder();
  for (const node of forward.nodes) copyNode(node, node.inputs, builder);
  const gradients = new Map<ValueId, ValueId>();
  const sums = new Map<string, readonly Coefficient[]>();
  for (const loss of objective.losses) {
    const alone = differentiate(forward, { ...objective, losses: [loss] });
    for (const [name, parts] of alone.terms.sums) sums.set(name, parts);
    const renamed = new Map<ValueId, ValueId>(forward.values.map((_, id) => [id, id]));
    for (const node of alone.graph.nodes.slice(forward.nodes.length)) {
      const inputs = node.inputs.map((id) => renamed.get(id)!);
      copyNode(node, inputs, builder).forEach((id, i) => renamed.set(node.outputs[i]!, id));
    }
    for (const [parameter, value] of alone.gradients) {
      const [own, before] = [renamed.get(value)!, gradients.get(parameter)];
      gradients.set(
        parameter,
        before === undefined ? own : builder.emit('add', [before, own], {}, { from: 'sum over losses' }),
      );
    }
  }
  const byPath = new Map(
    [...gradients].map(([parameter, value]) => [
      forward.nodes.find((node) => node.outputs[0] === parameter)!.attrs['path'] as string,
      value,
    ]),
  );
  const kept = [...byPath].map(([name, value]): Output => ({ role: 'gradient', name, value }));
  const graph = builder.build([...forward.outputs.filter(({ role }) => role !== 'mask'), ...kept]);
  const updated = appendUpdates(graph, byPath, model, step, updatedGroups(model, stage, step));
  return split(lowerCarriers(updated, sums), problem);
}

function split(graph: Graph, { model }: Compiled): StepGraphs {
  const statistics = new Set(model.groups.flatMap((group) => group.statistics.map(({ path }) => path)));
  const only = (wanted: (output: Output) => boolean): Graph =>
    rewrite(graph, () => undefined, graph.outputs.filter(wanted));
  return {
    training: only(({ role }) => role !== 'gradient'),
    backward: only(({ role, name }) => role !== 'state' || statistics.has(name)),
  };
}
