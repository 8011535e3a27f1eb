/** @file Whether a data set, now that it is listed, has the classes and the image size that the model was compiled for. */
import { withBlocks, type BoundStage, type DataIR } from '../../compiler/model/experiment.js';
import { labelsReadBy, labelTakenOver } from '../../compiler/model/labels.js';
import type { InputIR, ModelIR } from '../../compiler/model/ir.js';
import { viewSize } from '../data/crops.js';
import type { Dataset } from '../data/dataset.js';
import { DataError } from '../data/errors.js';

/**
 * `model`: of a stage; `judged`: it is the last; `inputs`: those that the data must give. Throws DataError. What the text of the spec decides,
 * the checker has refused before.
 */
export function checkFit(
  dataset: Dataset,
  data: DataIR,
  model: ModelIR,
  judged: boolean,
  inputs: readonly InputIR[] = model.inputs,
): void {
  checkClasses(dataset, model, judged);
  const { height, width } = viewSize(data.crops, dataset);
  for (const input of inputs) {
    const { name, kind, shape } = input;
    const [, ...size] = shape;
    if (kind !== 'image') checkField(dataset, model, input);
    else if (size.join() !== [height, width, dataset.channels].join()) {
      throw new DataError(
        `the images of ${dataset.name} are ${height} by ${width} with ${dataset.channels} channel${dataset.channels === 1 ? '' : 's'}, ` +
          `and the input ${name} of ${model.name} is ${size.join(' by ')}: change resize, crops or color in the data block, or the model's size`,
      );
    }
  }
}

function checkField(dataset: Dataset, model: ModelIR, { name, field, shape }: InputIR): void {
  const wanted = field ?? name;
  const [, ...size] = shape;
  const found = dataset.fields.find((f) => f.name === wanted);
  // A single number and a list of one are the same here.
  const plain = (sizes: readonly unknown[]): string => (sizes.length === 0 ? '1' : sizes.join(' by '));
  if (found && plain(found.shape) === plain(size)) return;
  const reads = `the input ${name} of ${model.name} reads ${plain(size)} ${plain(size) === '1' ? 'number' : 'numbers'}`;
  if (found)
    throw new DataError(`the field ${wanted} of ${dataset.name} holds ${plain(found.shape)}, and ${reads}`);
  const other = dataset.otherColumns.find((c) => c.name === wanted);
  const names = dataset.fields.map((f) => f.name);
  throw new DataError(
    `${dataset.name} has no field ${wanted}, and ${reads}: ` +
      (other
        ? `the column is no field, for ${other.why}`
        : names.length > 0
          ? `its fields are ${names.join(', ')}`
          : 'it has no fields, which are columns of numbers in a manifest'),
  );
}

/** Throws DataError where a stage reads other classes than the one before it, and nothing was said about that. */
export function checkTakenOver(stages: readonly BoundStage[], datasets: readonly Dataset[]): void {
  for (const [i, { reset, remap, verb, data }] of stages.entries()) {
    const label = labelTakenOver(withBlocks(stages), i);
    if (!label || reset !== null || remap.length > 0) continue;
    const [now, before] = [datasets[i]!, datasets[label.reader]!];
    if (now.classes.join() === before.classes.join()) continue;
    throw new DataError(
      `${now.name} has the classes ${now.classes.join(', ')}, and ${before.name} of the stage before it has ${before.classes.join(', ')}: ` +
        `write \`${verb} on ${data.name} reset group, …\` with the groups that start anew, \`remap group, …\`, or \`reset none\``,
    );
  }
}

function checkClasses(dataset: Dataset, model: ModelIR, judged: boolean): void {
  const label = labelsReadBy(model, model.stages[0]!, judged).find((l) => l.kind === 'class');
  if (!label) return;
  if (label.classes.length !== dataset.classes.length)
    throw new DataError(
      `${dataset.name} has ${dataset.classes.length} classes (${dataset.classes.join(', ')}), ` +
        `and the label ${label.name} of ${model.name} has ${label.classes.length}: set the class count in the experiment ` +
        `(\`with classes = ${dataset.classes.length}\` on the model or the stage), or choose classes in the data block`,
    );
  // A label without names of its own takes those of the data.
  const named = label.classes.some((name, i) => name !== String(i));
  if (named && label.classes.join() !== dataset.classes.join())
    throw new DataError(
      `${dataset.name} has the classes ${dataset.classes.join(', ')}, and the label ${label.name} of ${model.name} has ` +
        `${label.classes.join(', ')}: write \`classes ${label.classes.join(', ')}\` in the data block`,
    );
}
