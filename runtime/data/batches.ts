/** @file Batches for training and evaluation: which samples, in which order, as scaled floats. Knows no engine. */
import type { DataIR } from '../../compiler/model/experiment.js';
import type { ModelIR } from '../../compiler/model/ir.js';
import { cut, drawChange, unchanged, type Change } from './augment.js';
import { centreView, evaluationViews, tenViews, viewSize, type View } from './crops.js';
import type { Dataset, Field } from './dataset.js';
import { DataError } from './errors.js';
import { random } from './random.js';
import { balanced } from './sampler.js';

/** The lines of a data block that decide what a batch holds. */
export type BatchForm = Pick<DataIR, 'crops' | 'augment' | 'pixels' | 'balance'>;

export interface Batch {
  /** [n, height, width, channels] */
  readonly images: Float32Array;
  /** [n] */
  readonly labels: Int32Array;
  /** [n] index of the sample in the data set. */
  readonly samples: Int32Array;
  /** By name, [n, ...shape]. */
  readonly fields: Pick<ReadonlyMap<string, Float32Array>, 'get'>;
  readonly n: number;
}

export interface EvaluationBatch extends Batch {
  /** [n] index of the view; a sample's views follow each other. */
  readonly views: Int32Array;
}

interface Item {
  readonly sample: number;
  readonly view: View;
  readonly change: Change;
}

/**
 * Training batches. An epoch visits every sample once, with all of ten crops every (sample, crop) pair; its order and
 * changes depend on the seed and the epoch, not on the size of batches or on the engine. A last short batch is used unless it has one sample.
 */
export class BatchSource {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** (Sample, crop) pairs per epoch. */
  readonly itemsPerEpoch: number;
  readonly batchesPerEpoch: number;
  private readonly dataset: Dataset;
  private readonly indices: Int32Array;
  private readonly form: BatchForm;
  private readonly options: { readonly batch: number; readonly seed: number };
  private readonly views: readonly View[];
  /** Of which an epoch shows one. */
  private readonly ten: readonly View[] | null;

  /**
   * @param indices the samples to train on.
   * @throws DataError for no samples, crops that do not fit, or too few samples for one batch.
   */
  constructor(
    dataset: Dataset,
    indices: Int32Array,
    form: BatchForm,
    options: { readonly batch: number; readonly seed: number },
  ) {
    ({ height: this.height, width: this.width } = viewSize(form.crops, dataset));
    this.channels = dataset.channels;
    this.dataset = dataset;
    this.indices = indices;
    this.form = form;
    this.options = options;
    this.views =
      form.crops?.kind === 'ten'
        ? tenViews(form.crops, dataset.height, dataset.width)
        : [centreView(form.crops, dataset.height, dataset.width)];
    this.ten = form.crops?.kind === 'one_of_ten' ? tenViews(form.crops, dataset.height, dataset.width) : null;
    this.itemsPerEpoch = indices.length * this.views.length;
    const rest = this.itemsPerEpoch % options.batch;
    this.batchesPerEpoch = Math.floor(this.itemsPerEpoch / options.batch) + (rest > 1 ? 1 : 0);
    if (this.batchesPerEpoch === 0)
      throw new DataError(
        `${dataset.name} has ${indices.length === 0 ? 'no samples' : 'one sample'} to train on; a batch needs at least two`,
      );
  }

  /** The batches of an epoch (from 0), but for the first `done`. */
  *iterate(epoch: number, done = 0): Generator<Batch> {
    const { batch, seed } = this.options;
    const count = this.views.length;
    const order = this.order(epoch);
    for (let b = done; b < this.batchesPerEpoch; b++) {
      const items = Array.from(order.subarray(b * batch, (b + 1) * batch), (pair, i): Item => {
        const sample = Math.floor(pair / count);
        const from = random('augment', seed, epoch, b * batch + i);
        const change = drawChange(this.form.augment, from);
        return { sample, view: this.cropOf(this.views[pair % count]!, from), change };
      });
      yield fill(this.dataset, this, this.form, items);
    }
  }

  /** Sample * views + view of every item, shuffled. */
  private order(epoch: number): Int32Array {
    const from = random('batches', this.options.seed, epoch);
    const drawn = this.form.balance === 'sampler' ? balanced(this.dataset, this.indices, from) : this.indices;
    const count = this.views.length;
    const pairs = Int32Array.from(
      { length: this.itemsPerEpoch },
      (_, i) => drawn[Math.floor(i / count)]! * count + (i % count),
    );
    return from.shuffle(pairs);
  }

  private cropOf(view: View, from: ReturnType<typeof random>): View {
    if (this.ten) return this.ten[from.below(this.ten.length)]!;
    if (this.form.crops?.kind !== 'random') return view;
    return {
      y: from.below(this.dataset.height - this.height + 1),
      x: from.below(this.dataset.width - this.width + 1),
      mirrored: false,
    };
  }
}

/** How many views an evaluation shows of each sample: 10, or 1. */
export function viewsPerSample(form: Pick<DataIR, 'crops'>, dataset: Dataset): number {
  return evaluationViews(form.crops, dataset.height, dataset.width).length;
}

/** Every (sample, view) in the order of `indices`, without changes; the last batch may be short. */
export function* evaluationBatches(
  dataset: Dataset,
  indices: Int32Array,
  form: Pick<DataIR, 'crops' | 'pixels'>,
  batch: number,
): Generator<EvaluationBatch> {
  const size = viewSize(form.crops, dataset);
  const views = evaluationViews(form.crops, dataset.height, dataset.width);
  const total = indices.length * views.length;
  for (let start = 0; start < total; start += batch) {
    const pairs = Array.from({ length: Math.min(batch, total - start) }, (_, i) => start + i);
    const items = pairs.map((pair): Item => {
      const sample = indices[Math.floor(pair / views.length)]!;
      return { sample, view: views[pair % views.length]!, change: unchanged };
    });
    const filled = fill(dataset, size, form, items);
    yield { ...filled, views: Int32Array.from(pairs, (pair) => pair % views.length) };
  }
}

/** What every input of a model reads of a batch, by name: images, or the field of its name. A field that the data lacks is left out. */
export function inputsOf(
  { inputs }: Pick<ModelIR, 'inputs'>,
  { images, fields, n }: Pick<Batch, 'images' | 'fields' | 'n'>,
): [name: string, { readonly data: Float32Array; readonly shape: readonly number[] }][] {
  return inputs.flatMap(({ name, kind, field, shape }) => {
    const data = kind === 'image' ? images : fields.get(field ?? name);
    return data ? [[name, { data, shape: [n, ...shape.slice(1).map(Number)] }]] : [];
  });
}

function fill(
  dataset: Dataset,
  { height, width }: { readonly height: number; readonly width: number },
  { pixels: scaling }: Pick<DataIR, 'pixels'>,
  items: readonly Item[],
): Batch {
  const size = height * width * dataset.channels;
  const whole = dataset.height * dataset.width * dataset.channels;
  const images = new Float32Array(items.length * size);
  items.forEach(({ sample, view, change }, i) =>
    cut({ ...dataset, start: sample * whole }, view, change, {
      values: images,
      start: i * size,
      height,
      width,
      scaling,
    }),
  );
  return {
    images,
    labels: Int32Array.from(items, ({ sample }) => dataset.samples[sample]!.label),
    samples: Int32Array.from(items, ({ sample }) => sample),
    fields: new Map(dataset.fields.map((field) => [field.name, rowsOf(field, items)])),
    n: items.length,
  };
}

function rowsOf({ shape, values }: Field, items: readonly Item[]): Float32Array {
  const size = shape.reduce((n, d) => n * d, 1);
  const rows = new Float32Array(items.length * size);
  items.forEach(({ sample }, i) => rows.set(values.subarray(sample * size, (sample + 1) * size), i * size));
  return rows;
}
