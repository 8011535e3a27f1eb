/**
 * @file What every participant works on: the paper's network, its first weights and a few batches of noise, made once from a seed and handed
 * to other processes as files (two safetensors files and `problem.json`).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check, fileReader, initialise, loadParameters, saveParameters } from '../runtime/index.js';
import type { ModelIR, Parameters, StageIR, StepIR } from '../runtime/index.js';
import type { Batch } from '../runtime/data/batches.js';
import { random } from '../runtime/data/random.js';
import type { Stored } from '../runtime/parameters/initialise.js';
import type { Kernel } from './kernels.js';

/** The paper's numbers, as specs/ed2l.ed2l has them. The peers are written by hand from these; the agreement of the gradients holds them to the spec. */
export const PAPER = {
  classes: 7,
  height: 112,
  width: 96,
  filters: 32,
  middle: 2,
  last: 4,
  features: 256,
  margin: 0.35,
  scale: 30,
  lambda_t: 1,
  lambda_p: 10,
  rate: 1e-4,
};

export type Numbers = typeof PAPER;

/** Numbers with which there is no such network. */
export class ProblemError extends Error {}

/** Not hypers of the spec. */
export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 5e-4 };
export const BATCH_NORM = { epsilon: 1e-5, momentum: 0.1 };

/** The losses of the spec, in its order. */
export const LOSSES = ['l_t', 'l_a', 'l_p'] as const;
export type Losses = Readonly<Record<(typeof LOSSES)[number], number>>;

export interface Problem {
  readonly numbers: Numbers;
  readonly batch: number;
  readonly model: ModelIR;
  readonly stage: StageIR;
  readonly step: StepIR;
  /** Parameters and statistics by path. */
  readonly weights: Parameters;
  /** Visited in turn, again and again. */
  readonly batches: readonly Batch[];
}

const SEED = 1;
const BATCHES = 4;
const SPEC = fileURLToPath(new URL('../../specs/ed2l.ed2l', import.meta.url));

/** `smaller`: other numbers than the paper's, for tests. */
export function makeProblem(batch: number, smaller: Partial<Numbers> = {}): Problem {
  const numbers = { ...PAPER, ...smaller };
  const model = modelOf(numbers);
  return {
    ...describe(model, numbers, batch),
    weights: initialise(model, SEED),
    batches: Array.from({ length: BATCHES }, (_, i) => noise(numbers, batch, i)),
  };
}

/** The spec's model with these numbers. */
function modelOf(numbers: Numbers): ModelIR {
  const set = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)]));
  const checked = check(SPEC, { reader: fileReader(), set });
  const model = checked.models.get('ed2l');
  if (!model) throw new ProblemError(checked.diagnostics.map(({ message }) => message).join('; '));
  return model;
}

function describe(
  model: ModelIR,
  numbers: Numbers,
  batch: number,
): Pick<Problem, 'numbers' | 'batch' | 'model' | 'stage' | 'step'> {
  const [stage] = model.stages as [StageIR];
  return { numbers, batch, model, stage, step: stage.steps[0]! };
}

/** Images of uniform noise around 0, and classes drawn at random. */
function noise({ height, width, classes }: Numbers, batch: number, index: number): Batch {
  const draw = random('bench', SEED, batch, index);
  const images = Float32Array.from({ length: batch * height * width }, () => draw.uniform(-1, 1));
  const labels = Int32Array.from({ length: batch }, () => draw.below(classes));
  return batchOf(images, labels);
}

const batchOf = (images: Float32Array, labels: Int32Array): Batch => ({
  images,
  labels,
  samples: Int32Array.from(labels.keys()),
  fields: new Map(),
  n: labels.length,
});

/** As files in `folder`, for processes that know no spec. */
export async function writeProblem(
  folder: string,
  { numbers, batch, weights, batches }: Problem,
  kernels: readonly Kernel[] = [],
): Promise<void> {
  const description = {
    numbers,
    adam: ADAM,
    batchNorm: BATCH_NORM,
    batch,
    batches: batches.length,
    kernels: kernels.map((kernel) => ({ ...kernel, graph: undefined })),
  };
  writeFileSync(join(folder, 'problem.json'), `${JSON.stringify(description, null, 2)}\n`);
  await saveParameters(join(folder, 'weights.safetensors'), weights);
  const { height, width } = numbers;
  const tensors = batches.flatMap(({ images, labels }, i): [string, Stored][] => [
    [`face.${i}`, { shape: [batch, height, width, 1], data: images }],
    [`expression.${i}`, { shape: [batch], data: Float32Array.from(labels) }],
  ]);
  await saveParameters(join(folder, 'batches.safetensors'), new Map(tensors));
}

/** What `writeProblem` wrote. */
export async function readProblem(folder: string): Promise<Problem> {
  const { numbers, batch, batches } = JSON.parse(readFileSync(join(folder, 'problem.json'), 'utf8')) as {
    readonly numbers: Numbers;
    readonly batch: number;
    readonly batches: number;
  };
  const tensors = await loadParameters(join(folder, 'batches.safetensors'));
  return {
    ...describe(modelOf(numbers), numbers, batch),
    weights: await loadParameters(join(folder, 'weights.safetensors')),
    batches: Array.from({ length: batches }, (_, i) =>
      batchOf(tensors.get(`face.${i}`)!.data, Int32Array.from(tensors.get(`expression.${i}`)!.data)),
    ),
  };
}
