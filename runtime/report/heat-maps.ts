/**
 * @file Where a network answers on a face (Fig. 5 of the paper): the output of a layer, summed over its channels, from its lowest (0) to its
 * highest (1). The centre crop is shown, since maps of shifted and mirrored crops do not lie on each other.
 */
import { codec } from '../data/codec.js';
import type { DataIR, ReportIR } from '../../compiler/model/experiment.js';
import { findTap } from '../../compiler/model/taps.js';
import type { Dataset } from '../data/dataset.js';
import { centreView, viewSize } from '../data/crops.js';
import { features } from '../evaluation/predict.js';
import type { Task } from '../experiment/tasks.js';
import { heatImage, type Map2d } from './heat-colors.js';
import type { HeatMap, HeatMaps } from './report-data.js';
import { judgedData, type TrainedRun } from './trained.js';

type Item = Extract<ReportIR, { kind: 'heatmap' }>;

const USUAL_SUBJECTS = 2;

/** `subjects`: those of the item, or the first two held out who show most classes. Text: why there are none. */
export async function heatMapsOf(
  run: TrainedRun,
  { values, sum, scale, subjects }: Item,
  task: Task,
): Promise<HeatMaps | string> {
  const { engine, bound } = run;
  const { dataset, data } = judgedData(run);
  const chosen = chosenSamples(dataset, run.splitOf(task).test, subjects);
  if (typeof chosen === 'string') return chosen;
  const centred: DataIR = { ...data, crops: data.crops && { ...data.crops, kind: 'center' } };
  const parameters = await run.parametersOf(task);
  const indices = Int32Array.from(chosen);
  const names = values.map((v) => v.text);
  const rows = features({ engine, model: bound.model, parameters, dataset, indices, data: centred }, names);
  const size = viewSize(data.crops, dataset);
  const faces = [];
  for (const [i, sample] of chosen.entries()) {
    const summed = names.map((name): Map2d => {
      const { data: all, width } = rows.get(name)!;
      const found = findTap(bound.model, name);
      const shape = found.kind === 'found' ? bound.model.graph.values[found.value]!.shape : [];
      const [, height, across, channels] = shape.map(Number) as [number, number, number, number];
      return {
        value: name,
        height,
        width: across,
        values: channelSum(all.subarray(i * width, (i + 1) * width), channels, sum),
      };
    });
    const { id, subject, label } = dataset.samples[sample]!;
    const maps: HeatMap[] = [];
    for (const map of normalised(summed, scale))
      maps.push({ ...map, image: await heatImage(map, size.height, size.width) });
    faces.push({ sample: id, subject, label, image: await faceOf(dataset, sample, data), maps });
  }
  return { task, sum, scale, ...size, faces };
}

/** Of each person, one image of each class: the last of it, which in a sequence shows most. */
function chosenSamples(
  { samples, classes }: Dataset,
  held: Int32Array,
  wanted: readonly string[],
): number[] | string {
  const people = [...new Set(Array.from(held, (i) => samples[i]!.subject))].sort();
  const missing = wanted.filter((name) => !people.includes(name));
  if (missing.length > 0)
    return `${missing.join(', ')} not among the people held out there: ${people.join(', ')}`;
  const last = (subject: string, label: number): number | undefined =>
    Array.from(held).findLast((i) => samples[i]!.subject === subject && samples[i]!.label === label);
  const shown = (subject: string): number[] => classes.flatMap((_, label) => last(subject, label) ?? []);
  const usual = people.toSorted((a, b) => shown(b).length - shown(a).length).slice(0, USUAL_SUBJECTS);
  return (wanted.length > 0 ? wanted : usual).flatMap(shown);
}

export function channelSum(values: ArrayLike<number>, channels: number, how: HeatMaps['sum']): number[] {
  const result = Array.from({ length: values.length / channels }, () => 0);
  for (let i = 0; i < values.length; i++)
    result[Math.floor(i / channels)]! += how === 'absolute' ? Math.abs(values[i]!) : values[i]!;
  return result;
}

/** To [0, 1], each by itself or all by the same; what is the same everywhere becomes 0. */
export function normalised(maps: readonly Map2d[], scale: HeatMaps['scale']): Map2d[] {
  const all = maps.flatMap((map) => map.values);
  return maps.map((map) => {
    const among = scale === 'pair' ? all : map.values;
    const [low, high] = [Math.min(...among), Math.max(...among)];
    return { ...map, values: map.values.map((v) => (high > low ? (v - low) / (high - low) : 0)) };
  });
}

async function faceOf(dataset: Dataset, sample: number, { crops }: DataIR): Promise<string> {
  const { height, width, channels, pixels } = dataset;
  const start = sample * height * width * channels;
  const raw = Buffer.from(pixels.subarray(start, start + height * width * channels));
  const { y, x } = centreView(crops, height, width);
  const size = viewSize(crops, dataset);
  const png = await codec()(raw, { raw: { width, height, channels: channels as 1 | 3 } })
    .extract({ left: x, top: y, width: size.width, height: size.height })
    .png()
    .toBuffer();
  return png.toString('base64');
}
