/** @file What plainer ways than routed reverse mode would cost for the same step. */
import type { Graph, Node, ValueId } from '../graph/graph.js';
import type { ModelIR, StageIR, StepIR } from '../model/ir.js';
import { isOpenEdge } from '../ops/table.js';
import { effectiveRoute } from '../passes/objective.js';
import { edgeKey, type Counts, type Demand } from './demand.js';

export interface Alternatives {
  /** A single loss that updates everything the routed losses update. */
  readonly single: Counts;
  /** One backward pass per loss, pruned to what leads to its own groups. */
  readonly pruned: Counts;
  /** One backward pass per loss over all parameters. */
  readonly plain: Counts;
}

/** Applications of vector-Jacobian products that plainer ways to differentiate the step would need. */
export function alternativeCounts(
  forward: Graph,
  demand: Demand,
  model: ModelIR,
  stage: StageIR,
  step: StepIR,
): Alternatives {
  const single = { inputVjps: 0, weightVjps: 0 };
  forward.nodes.forEach((node, index) =>
    node.inputs.forEach((input, k) => {
      if (!demand.edges.get(edgeKey(index, k))?.length) return;
      if (demand.parameterGroup.has(input)) single.weightVjps++;
      else single.inputVjps++;
    }),
  );
  const everyGroup = new Set(model.groups.map((g) => g.name));
  const sum = (groupsOf: (loss: string) => ReadonlySet<string>): Counts => {
    const total = { inputVjps: 0, weightVjps: 0 };
    for (const { loss } of step.objective) {
      const value = forward.outputs.find((o) => o.role === 'loss' && o.name === loss)!.value;
      const counts = countReverseMode(forward, demand, value, groupsOf(loss));
      total.inputVjps += counts.inputVjps;
      total.weightVjps += counts.weightVjps;
    }
    return total;
  };
  return {
    single,
    pruned: sum((loss) => new Set(effectiveRoute(model, stage, loss).keys())),
    plain: sum(() => everyGroup),
  };
}

/** Applications of one plain backward pass from `loss` to the parameters of `groups`. */
function countReverseMode(
  forward: Graph,
  demand: Demand,
  loss: ValueId,
  groups: ReadonlySet<string>,
): Counts {
  const leads = new Set<ValueId>();
  const open = (node: Node, k: number): boolean => isOpenEdge(node, k, forward.values);
  for (const node of forward.nodes) {
    const own = demand.parameterGroup.get(node.outputs[0]!);
    if (
      own !== undefined ? groups.has(own) : node.inputs.some((input, k) => open(node, k) && leads.has(input))
    ) {
      leads.add(node.outputs[0]!);
    }
  }
  const reached = new Set<ValueId>([loss]);
  const counts = { inputVjps: 0, weightVjps: 0 };
  for (let i = forward.nodes.length - 1; i >= 0; i--) {
    const node = forward.nodes[i]!;
    if (!reached.has(node.outputs[0]!)) continue;
    node.inputs.forEach((input, k) => {
      if (!open(node, k) || !leads.has(input)) return;
      reached.add(input);
      if (demand.parameterGroup.has(input)) counts.weightVjps++;
      else counts.inputVjps++;
    });
  }
  return counts;
}
