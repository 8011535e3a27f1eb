/** @file What differentiation decided, for people: the loss × group matrix, the adjoints per value, and the counts beside plainer ways. */
import { alignColumns } from '../columns.js';
import type { Graph, Node, ValueId } from '../graph/graph.js';
import type { ModelIR, StageIR, StepIR } from '../model/ir.js';
import { isOpenEdge } from '../ops/table.js';
import { effectiveRoute, lossOf } from '../passes/objective.js';
import type { CompiledStep } from '../program.js';
import * as C from '../scalar/coefficient.js';
import { formatCarrier, type Carrier } from './carrier.js';
import { countVjps, edgeKey, type Counts, type Demand } from './demand.js';

/** One cell per loss and group: objective weight times route coefficient; absent where the loss does not update the group. */
export interface RouteMatrix {
  readonly step: string;
  readonly groups: readonly string[];
  readonly rows: readonly {
    readonly loss: string;
    readonly weight: string;
    readonly cells: readonly (string | null)[];
  }[];
}

export function routeMatrix(model: ModelIR, stage: StageIR, step: StepIR): RouteMatrix {
  const groups = model.groups.map((g) => g.name);
  const rows = step.objective.map(({ loss, coefficient }) => {
    const route = effectiveRoute(model, stage, lossOf(model, loss).name);
    const cells = groups.map((group) => {
      const by = route.get(group);
      return by ? C.formatCoefficient(C.multiply(coefficient, by)) : null;
    });
    return { loss, weight: C.formatCoefficient(coefficient), cells };
  });
  return { step: step.name, groups, rows };
}

/** The matrix as aligned text, a dot where nothing flows; groups frozen in the stage are marked. */
export function formatRouteMatrix(
  matrix: RouteMatrix,
  title: string,
  frozen: readonly string[] = [],
): string {
  const header = [title, ...matrix.groups.map((g) => (frozen.includes(g) ? `${g} (frozen)` : g))];
  const rows = matrix.rows.map(({ loss, weight, cells }) => [
    `  ${loss}${weight === '1' ? '' : `  x ${weight}`}`,
    ...cells.map((cell) => cell ?? '.'),
  ]);
  return alignColumns([header, ...rows]);
}

/** ROUTING 1.9: matrix, adjoints per value, applications of vector-Jacobian products beside other ways, mixes. */
export function adjointReport(model: ModelIR, stage: StageIR, compiled: CompiledStep): string {
  const { forward, differentiated, step } = compiled;
  const { demand, terms, mixes } = differentiated;
  const title = `routes ${model.name}${step.name === 'main' ? '' : ` step ${step.name}`}`;
  const counts = countVjps(forward, demand);
  const other = alternativeCounts(forward, demand, model, stage, step);
  return [
    formatRouteMatrix(routeMatrix(model, stage, step), title, stage.frozen),
    'adjoints',
    ...adjointLines(forward, demand, terms.names),
    `input VJPs ${counts.inputVjps}  one adjoint everywhere ${other.single.inputVjps} | per loss, only its parameters ${other.pruned.inputVjps} | backward() per loss ${other.plain.inputVjps}`,
    `weight VJPs ${counts.weightVjps}  ${other.single.weightVjps} | ${other.pruned.weightVjps} | ${other.plain.weightVjps}`,
    `mixes ${mixes.scalings} scalings, ${mixes.joins} joins`,
  ].join('\n');
}

/** Named values and every value with more than one adjoint, in forward order; runs with equal carriers share a line. */
function adjointLines(forward: Graph, demand: Demand, termNames: readonly string[]): string[] {
  const lines: { names: string[]; carriers: readonly Carrier[] }[] = [];
  const unvisited: string[] = [];
  let others = 0;
  for (const node of forward.nodes) {
    const value = node.outputs[0]!;
    if (node.op === 'parameter') continue;
    const carriers = demand.carriers.get(value);
    if (!carriers) {
      if (node.op === 'input' || node.op === 'label') unvisited.push(node.attrs['name'] as string);
      continue;
    }
    if (node.name === undefined && carriers.length === 1) {
      others++;
      continue;
    }
    const text = carriers.map((c) => formatCarrier(c, termNames)).join();
    const known = lines.find((line) => line.carriers.map((c) => formatCarrier(c, termNames)).join() === text);
    const label = node.name ?? (node.piece === undefined ? node.op : `${node.piece} (${node.op})`);
    if (known) known.names.push(label);
    else lines.push({ names: [label], carriers });
  }
  const rows = lines.map(({ names, carriers }) => [
    `  ${names.join(', ')}`,
    String(carriers.length),
    carriers.map((c) => formatCarrier(c, termNames)).join('  '),
  ]);
  const widths = [0, 1].map((i) => Math.max(0, ...rows.map((row) => row[i]!.length)));
  return [
    ...rows.map(
      ([names, count, text]) => `${names!.padEnd(widths[0]!)}  ${count!.padStart(widths[1]!)}  ${text}`,
    ),
    `  other values: ${others}, 1 each`,
    `  not visited: ${unvisited.join(', ') || 'none'}`,
  ];
}

interface Alternatives {
  /** A single loss that updates everything the routed losses update. */
  readonly single: Counts;
  /** One backward pass per loss, pruned to what leads to its own groups. */
  readonly pruned: Counts;
  /** One backward pass per loss over all parameters. */
  readonly plain: Counts;
}

function alternativeCounts(
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
