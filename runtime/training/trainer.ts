/** @file The state of one training stage on an engine, and what one iteration does to it. */
import { makePlan } from '../../compiler/plan/make-plan.js';
import type { TrainableStage, TrainableStep } from '../../compiler/program.js';
import type { ModelIR } from '../../compiler/model/ir.js';
import { evaluateStepScalars, inRange, ScheduleError } from '../../compiler/scalar/evaluate.js';
import type { Moment } from '../../compiler/scalar/expression.js';
import { ANY, FRACTION } from '../../compiler/scalar/ranges.js';
import { inputsOf, type Batch } from '../data/batches.js';
import { random } from '../data/random.js';
import type { Engine, Numbers, Tensor } from '../engines/engine.js';
import { NonFiniteError } from '../engines/errors.js';
import { Executor, type Profile, type StateTree } from '../engines/executor.js';
import type { Parameters } from '../parameters/initialise.js';
import { TrainingError } from './errors.js';
import type { StepState } from './state.js';

interface Running {
  readonly compiled: TrainableStep;
  readonly executor: Executor;
  /** Moments of this step alone: keyed by (stage, step, path). */
  readonly slots: StateTree;
  /** The scheduled numbers that its graph reads. */
  readonly scheduled: readonly string[];
  /** Updates done so far. */
  count: number;
}

/** Losses and logged values of one iteration; of a repeated step, the last execution's. */
export type Measured = Readonly<Record<string, number>>;

export class Trainer {
  readonly #steps: Running[] = [];
  readonly #state: StateTree;

  /** `steps`: of a training that goes on. Throws EngineError, and then holds no memory. */
  constructor(
    readonly engine: Engine,
    readonly model: ModelIR,
    readonly stage: TrainableStage,
    parameters: Parameters,
    readonly seed: number,
    steps: Readonly<Record<string, StepState>> = {},
  ) {
    this.#state = engine.uploadAll(parameters);
    try {
      for (const compiled of stage.steps) {
        const before = steps[compiled.step.name];
        this.#steps.push({
          compiled,
          executor: new Executor(engine, makePlan(compiled.graph, engine.target)),
          slots: engine.uploadAll(before?.moments ?? zeroSlots(compiled)),
          scheduled: scheduledIn(compiled, model),
          count: before?.count ?? 0,
        });
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** One iteration on one batch. Throws TrainingError before a number that is not finite reaches a parameter, at most with the steps before it done. */
  iterate(batch: Batch, moment: Moment, profile?: Profile): Measured {
    const labels = this.model.labels.map(
      ({ name }) => [name, { data: batch.labels, shape: [batch.n] }] as const,
    );
    const feeds = this.engine.uploadAll([...inputsOf(this.model, batch), ...labels]);
    const measured: Record<string, number> = {};
    try {
      for (const step of this.#steps) {
        if ((moment.iteration + 1) % step.compiled.step.every !== 0) continue;
        for (let repetition = 0; repetition < step.compiled.step.repeat; repetition++) {
          Object.assign(measured, this.#execute(step, batch.n, feeds, moment, repetition, profile));
        }
      }
    } catch (error) {
      if (error instanceof ScheduleError)
        throw new TrainingError(`at iteration ${moment.iteration + 1}, ${error.message}`);
      if (!(error instanceof NonFiniteError)) throw error;
      const advice = error.fromInput ? 'a number of the data is not' : 'try a lower rate, or clip_norm';
      throw new TrainingError(`at iteration ${moment.iteration + 1}, ${error.message} (${advice})`);
    } finally {
      for (const tensor of feeds.values()) this.engine.free(tensor);
    }
    return measured;
  }

  /** A copy of the parameters and statistics as they are now. */
  parameters(): Parameters {
    return this.#copy(this.#state);
  }

  /** A copy of what the optimizers remember, by the step's name. */
  steps(): Record<string, StepState> {
    return Object.fromEntries(
      this.#steps.map(({ compiled, count, slots }) => [
        compiled.step.name,
        { count, moments: this.#copy(slots) },
      ]),
    );
  }

  /** Gives all memory back. */
  close(): void {
    for (const tensor of this.#state.values()) this.engine.free(tensor);
    for (const { slots } of this.#steps) for (const tensor of slots.values()) this.engine.free(tensor);
  }

  #copy(tree: StateTree): Parameters {
    return new Map(
      [...tree].map(([path, tensor]) => [
        path,
        { shape: tensor.shape, data: this.engine.download(tensor) as Float32Array },
      ]),
    );
  }

  #execute(
    step: Running,
    batch: number,
    feeds: ReadonlyMap<string, Tensor>,
    moment: Moment,
    repetition: number,
    profile?: Profile,
  ): Measured {
    const { step: ir } = step.compiled;
    const scheduled = evaluateStepScalars(this.model, ir, moment);
    for (const name of step.scheduled) inRange(scheduled[name]!, name, ANY);
    const scalars = { ...scheduled, count: step.count + 1 };
    const results = step.executor.run(
      {
        batch,
        feeds,
        state: this.#state,
        slots: step.slots,
        scalars,
        mask: (application, rate, size) =>
          dropoutMask(
            [this.seed, this.stage.stage.name ?? '', moment.iteration, ir.name, repetition, application],
            inRange(rate, 'the rate of dropout', FRACTION),
            size,
          ),
      },
      profile,
    );
    step.count++;
    const measured = [...results].map(([key, tensor]): [string, number] => [
      key.slice(key.indexOf(':') + 1),
      this.engine.view(tensor)[0]!,
    ]);
    for (const tensor of results.values()) this.engine.free(tensor);
    return Object.fromEntries(measured);
  }
}

function scheduledIn({ graph }: TrainableStep, model: ModelIR): readonly string[] {
  const read = graph.nodes.flatMap(({ attrs }) =>
    Object.values(attrs).flatMap((attr) =>
      typeof attr === 'object' && 'powers' in attr ? attr.powers.map(([name]) => name) : [],
    ),
  );
  return model.scalars.map(({ name }) => name).filter((name) => read.includes(name));
}

function zeroSlots({ graph }: TrainableStep): (readonly [string, Numbers])[] {
  return graph.nodes.flatMap(({ op, attrs }) => {
    if (op !== 'slot') return [];
    const shape = attrs['shape'] as readonly number[];
    const data = new Float32Array(shape.reduce((n, d) => n * d, 1));
    return [[`${String(attrs['path'])}/${String(attrs['slot'])}`, { shape, data }] as const];
  });
}

/** 0 with probability `rate`, else 1 / (1 - rate), from a stream that only its keys decide. */
export function dropoutMask(keys: readonly (string | number)[], rate: number, size: number): Float32Array {
  const { uniform } = random('dropout', ...keys);
  const kept = 1 / (1 - rate);
  return Float32Array.from({ length: size }, () => (uniform() < rate ? 0 : kept));
}
