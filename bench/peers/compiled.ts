/** @file A graph of our own on an engine of ours, as `ed2lc run` trains it: the compiled one, or the one with a backward pass per loss. */
import type { Graph } from '../../compiler/graph/graph.js';
import { compileEvaluation, Executor, makePlan, predictPeak, Trainer } from '../../runtime/index.js';
import type { Engine, Parameters } from '../../runtime/index.js';
import { inputsOf } from '../../runtime/data/batches.js';
import { OneDnnBackend } from '../../runtime/engines/onednn/backend.js';
import type { Numbers } from '../../runtime/engines/engine.js';
import type { StateTree } from '../../runtime/engines/executor.js';
import { COMPILER_VERSION } from '../../runtime/version.js';
import type { StepGraphs } from '../graphs.js';
import { kernelsOf, type Kernel } from '../kernels.js';
import type { Participant } from '../participant.js';
import type { Losses, Problem } from '../problem.js';

export function compiledParticipant(engine: Engine, problem: Problem, graphs: StepGraphs): Participant {
  return new Compiled(engine, problem, graphs);
}

/** A graph that is run by itself, on operands that stay where they are. */
interface Standing {
  readonly executor: Executor;
  readonly feeds: StateTree;
  readonly state: StateTree;
}

class Compiled implements Participant {
  readonly predicted: number;
  readonly #trainer: Trainer;
  readonly #standing = new Map<Graph, Standing>();
  readonly #evaluation: Graph;
  #kernels: readonly Kernel[] = [];
  #iteration = 0;

  constructor(
    readonly engine: Engine,
    readonly problem: Problem,
    readonly graphs: StepGraphs,
  ) {
    const { model, stage, step, weights, batch } = problem;
    const trained = { stage, steps: [{ step, graph: graphs.training }] };
    this.#trainer = new Trainer(engine, model, trained, weights, 0);
    this.#evaluation = compileEvaluation(model);
    this.predicted = predictPeak(makePlan(graphs.training, engine.target), batch).bytes;
  }

  get about(): string {
    return `ed2lc ${COMPILER_VERSION}, ${this.engine.about}, Node ${process.versions.node}`;
  }

  get threads(): number {
    return this.engine.threads;
  }

  tensors(): number | undefined {
    const { backend } = this.engine.backend;
    return backend instanceof OneDnnBackend ? backend.arena.memory.peak : undefined;
  }

  predictions(): Float32Array {
    return this.#run(this.#evaluation).get('predict:expression')!.data;
  }

  gradients(): Parameters {
    return new Map(
      [...this.#run(this.graphs.backward)].flatMap(([key, value]) =>
        key.startsWith('gradient:') ? [[key.slice('gradient:'.length), value] as const] : [],
      ),
    );
  }

  step(): Losses {
    const { batches } = this.problem;
    const iteration = this.#iteration++;
    const moment = { epoch: 0, iteration, progress: 0 };
    return this.#trainer.iterate(batches[iteration % batches.length]!, moment) as Losses;
  }

  backward(): void {
    this.#run(this.graphs.backward, false);
  }

  inference(): void {
    this.#run(this.#evaluation, false);
  }

  kernel(index: number): void {
    if (this.#kernels.length === 0) this.#kernels = kernelsOf(this.graphs.training, this.problem.batch);
    this.#run(this.#kernels[index]!.graph, false);
  }

  /** Outputs as `role:name`; none when they are not `wanted`. */
  #run(graph: Graph, wanted = true): Map<string, { shape: readonly number[]; data: Float32Array }> {
    const { executor, feeds, state } = this.#standingOf(graph);
    const { batch } = this.problem;
    const results = executor.run({ batch, feeds, state, slots: new Map(), scalars: { count: 1 } });
    const read = wanted
      ? [...results].map(([key, tensor]) => {
          const data = this.engine.download(tensor) as Float32Array;
          return [key, { shape: tensor.shape, data }] as const;
        })
      : [];
    for (const tensor of results.values()) this.engine.free(tensor);
    return new Map(read);
  }

  #standingOf(graph: Graph): Standing {
    const known = this.#standing.get(graph);
    if (known) return known;
    const { model, batches, weights } = this.problem;
    const [batch] = batches as [(typeof batches)[number]];
    const executor = new Executor(this.engine, makePlan(graph, this.engine.target));
    const fed = new Map<string, Numbers>([
      ...inputsOf(model, batch),
      ...model.labels.map(({ name }): [string, Numbers] => [name, { data: batch.labels, shape: [batch.n] }]),
      ...(this.#kernels.find((kernel) => kernel.graph === graph)?.operands() ?? []),
    ]);
    const read = new Set(graph.nodes.map(({ attrs }) => attrs['path'] ?? attrs['name']));
    const only = <T>(values: ReadonlyMap<string, T>): [string, T][] =>
      [...values].filter(([name]) => read.has(name));
    const standing = {
      executor,
      feeds: this.engine.uploadAll(only(fed)),
      state: this.engine.uploadAll(only(weights)),
    };
    this.#standing.set(graph, standing);
    return standing;
  }
}
