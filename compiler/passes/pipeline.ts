/** @file The passes that turn a model into the training graph of one step, in order. Their names are those of `--print-after` and `--stop-after`. */
import { verifyGraph } from '../graph/verify.js';
import type { Graph, Node, Output } from '../graph/graph.js';
import type { ModelIR, StageIR, StepIR } from '../model/ir.js';
import { differentiate, type Differentiated } from '../routing/differentiate.js';
import { verifyDifferentiated } from '../routing/verify.js';
import { lowerCarriers } from './lower-carriers.js';
import { routedObjective, stepOutputs, updatedGroups } from './objective.js';
import { simplify } from './simplify.js';
import { specialise } from './specialise.js';
import { appendUpdates } from './update.js';
import { verifyStep } from './verify-step.js';

/** What the passes of one step read, and the record that differentiation leaves for reports. */
export interface StepContext {
  readonly model: ModelIR;
  readonly stage: StageIR;
  readonly step: StepIR;
  /** Keep the gradients as outputs. */
  readonly gradients: boolean;
  forward?: Graph;
  differentiated?: Differentiated;
}

export interface Pass {
  readonly name: string;
  readonly run: (graph: Graph, context: StepContext) => Graph;
  /** Violations of what the pass promises, beyond the graph being well formed. */
  readonly verify?: (graph: Graph, context: StepContext) => string[];
}

export const TRAINING_PASSES: readonly Pass[] = [
  {
    name: 'specialise',
    run: (_, { model, stage, step }) =>
      specialise(model, stepOutputs(model, stage, step), { kind: 'training', stage }),
    verify: (graph) => none(graph, ['batch_norm', 'dropout']),
  },
  { name: 'simplify', run: simplify },
  {
    name: 'differentiate',
    run(graph, context) {
      const { model, stage, step } = context;
      const result = differentiate(graph, routedObjective(graph, model, stage, step));
      context.forward = graph;
      context.differentiated = result;
      const gradients = [...result.gradients].map(([parameter, value]): Output => {
        const node = graph.nodes.find((n) => n.outputs[0] === parameter)!;
        return { role: 'gradient', name: node.attrs['path'] as string, value };
      });
      const kept = graph.outputs.filter((o) => o.role !== 'mask');
      return { ...result.graph, outputs: [...kept, ...gradients] };
    },
    verify: (_, { forward, differentiated }) => verifyDifferentiated(forward!, differentiated!),
  },
  {
    name: 'update',
    run(graph, { model, stage, step, gradients }) {
      const byPath = new Map(
        graph.outputs.filter((o) => o.role === 'gradient').map((o) => [o.name, o.value]),
      );
      const kept = gradients
        ? graph
        : { ...graph, outputs: graph.outputs.filter((o) => o.role !== 'gradient') };
      return appendUpdates(kept, byPath, model, step, updatedGroups(model, stage, step));
    },
    verify: (graph, { model, stage, step }) => verifyStep(graph, model, stage, step),
  },
  {
    name: 'lower-carriers',
    run: (graph, { differentiated }) => lowerCarriers(graph, differentiated!.terms.sums),
    verify: (graph) => none(graph, ['seed', 'mix', 'mask', 'stop', 'stop_where']),
  },
];

/** Called after each pass; return true to stop there. */
export type Observer = (pass: string, graph: Graph) => boolean | void;

/** Runs the passes in order; with `verify`, a broken promise throws an internal error that names the pass. */
export function runTrainingPasses(
  context: StepContext,
  options: { verify?: boolean; observe?: Observer } = {},
): Graph {
  let graph: Graph = { nodes: [], values: [], outputs: [] };
  for (const pass of TRAINING_PASSES) {
    graph = pass.run(graph, context);
    if (options.verify) {
      const violations = [...verifyGraph(graph), ...(pass.verify?.(graph, context) ?? [])];
      if (violations.length > 0)
        throw new Error(`internal: after pass ${pass.name}: ${violations.join('; ')}`);
    }
    if (options.observe?.(pass.name, graph)) break;
  }
  return graph;
}

function none(graph: Graph, ops: readonly string[]): string[] {
  return graph.nodes.filter((node: Node) => ops.includes(node.op)).map((node) => `${node.op} is left`);
}
