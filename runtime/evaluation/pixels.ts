/** @file The images themselves as features: what every network has to beat. */
import type { DataIR } from '../../compiler/model/experiment.js';
import { evaluationBatches, viewsPerSample } from '../data/batches.js';
import type { Dataset } from '../data/dataset.js';
import { meanOfViews, type Rows } from './predict.js';

const BATCH = 256;

/** Scaled pixels per sample, the mean over its views. */
export function pixels(dataset: Dataset, indices: Int32Array, data: Pick<DataIR, 'crops' | 'pixels'>): Rows {
  const views = viewsPerSample(data, dataset);
  let rows = new Float32Array();
  let width = 0;
  let at = 0;
  for (const { images, n } of evaluationBatches(dataset, indices, data, BATCH)) {
    if (at === 0) {
      width = images.length / n;
      rows = new Float32Array(width * indices.length * views);
    }
    rows.set(images, at);
    at += images.length;
  }
  return meanOfViews({ data: rows, width }, views);
}
