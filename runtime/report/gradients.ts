/**
 * @file The route matrix with the gradient norms that are really there: one training graph per loss term, with its weight in the objective and
 * its routes, run over batches that the network learned from. What the routes let pass adds up to what training applies.
 */
import type { ModelIR, StageIR, StepIR } from '../../compiler/model/ir.js';
import type { Graph } from '../../compiler/graph/graph.js';
import { rewrite } from '../../compiler/passes/rewrite.js';
import { makePlan } from '../../compiler/plan/make-plan.js';
import { compileStep } from '../../compiler/program.js';
import { routeMatrix } from '../../compiler/routing/report.js';
import { evaluateStepScalars } from '../../compiler/scalar/evaluate.js';
import { BatchSource, inputsOf, type Batch } from '../data/batches.js';
import type { Engine } from '../engines/engine.js';
import { Executor } from '../engines/executor.js';
import type { Parameters } from '../parameters/initialise.js';
import { dropoutMask } from '../training/trainer.js';
import type { RouteNorms } from './report-data.js';
import type { TrainedRun } from './trained.js';

const BATCHES = 8;

/** Of the last stage, in the first training that is finished; null if there is none. Throws EngineError and DataError. */
export async function measureRoutes(run: TrainedRun): Promise<RouteNorms | null> {
  const [task] = run.done;
  if (!task) return null;
  const { model, data } = run.bound;
  const stage = model.stages[0]!;
  const parameters = await run.parametersOf(task);
  const indices = run.splitOf(task).train;
  const { batch } = stage;
  const source = new BatchSource(run.datasets.train, indices, data, { batch, seed: task.seed });
  const batches: Batch[] = [];
  for (const made of source.iterate(0)) {
    batches.push(made);
    if (batches.length === BATCHES) break;
  }
  const steps = stage.steps.map((step) => {
    const matrix = routeMatrix(model, stage, step);
    const rows = matrix.rows.map((row) => {
      const norms = meanNorms(run.engine, {
        model,
        stage,
        step,
        losses: [row.loss],
        parameters,
        batches,
        seed: task.seed,
      });
      return {
        ...row,
        norms: matrix.groups.map((group, g) => (row.cells[g] === null ? null : (norms.get(group) ?? 0))),
      };
    });
    return { step: step.name, groups: matrix.groups, frozen: stage.frozen, rows };
  });
  return { task, batches: batches.length, samples: batches.reduce((n, b) => n + b.n, 0), steps };
}

interface Measuring {
  readonly model: ModelIR;
  readonly stage: StageIR;
  readonly step: StepIR;
  /** Together. */
  readonly losses: readonly string[];
  readonly parameters: Parameters;
  readonly batches: readonly Batch[];
  readonly seed: number;
}

/** By group, the mean over batches of the Euclidean norm of the gradient of weighted losses. */
function meanNorms(engine: Engine, measuring: Measuring): Map<string, number> {
  const { model, batches } = measuring;
  const sums = new Map<string, number>();
  for (const gradients of gradientsOfLoss(engine, measuring)) {
    const squares = new Map<string, number>();
    for (const [path, gradient] of gradients) {
      const group = model.groups.find((g) => g.parameters.some((p) => p.path === path))!.name;
      squares.set(
        group,
        gradient.reduce((sum, v) => sum + v * v, squares.get(group) ?? 0),
      );
    }
    for (const [group, square] of squares) sums.set(group, (sums.get(group) ?? 0) + Math.sqrt(square));
  }
  return new Map([...sums].map(([group, sum]) => [group, sum / batches.length]));
}

/** For each batch, the routed gradient of some losses of a step by the path of the parameter. */
export function* gradientsOfLoss(
  engine: Engine,
  { model, stage, step, losses, parameters, batches, seed }: Measuring,
): Generator<Map<string, Float32Array>> {
  const alone = { ...step, objective: step.objective.filter((o) => losses.includes(o.loss)) };
  const graph = gradientsOnly(compileStep(model, stage, alone, { gradients: true }).graph);
  const executor = new Executor(engine, makePlan(graph, engine.target));
  const state = engine.uploadAll(parameters);
  const moment = { epoch: Math.max(0, stage.epochs - 1), iteration: 0, progress: 1, history: [] };
  const scalars = evaluateStepScalars(model, step, moment);
  try {
    for (const [index, batch] of batches.entries()) {
      const labels = model.labels.map(
        ({ name }) => [name, { data: batch.labels, shape: [batch.n] }] as const,
      );
      const feeds = engine.uploadAll([...inputsOf(model, batch), ...labels]);
      const held = [...feeds.values()];
      try {
        const results = executor.run({
          batch: batch.n,
          feeds,
          state,
          slots: new Map(),
          scalars,
          mask: (application, rate, size) => dropoutMask(['report', seed, index, application], rate, size),
        });
        held.push(...results.values());
        yield new Map(
          graph.outputs.map(({ role, name }) => [
            name,
            Float32Array.from(engine.view(results.get(`${role}:${name}`)!)),
          ]),
        );
      } finally {
        for (const tensor of held) engine.free(tensor);
      }
    }
  } finally {
    for (const tensor of state.values()) engine.free(tensor);
  }
}

function gradientsOnly(graph: Graph): Graph {
  return rewrite(
    graph,
    () => undefined,
    graph.outputs.filter((o) => o.role === 'gradient'),
  );
}
