/** @file Whether a data set, now that it is listed, has the classes and the image size that the model was compiled for. */
import type { DataIR } from '../../compiler/model/experiment.js';
import type { InputIR, ModelIR } from '../../compiler/model/ir.js';
import { viewSize } from '../data/crops.js';
import type { Dataset } from '../data/dataset.js';
import { DataError } from '../data/errors.js';
import { judgedLabel } from '../evaluation/evaluate.js';

/**
 * `inputs`: those that the data must give. Throws DataError. What the text of the spec decides, the checker has refused before.
 */
export function checkFit(
  dataset: Dataset,
  data: DataIR,
  model: ModelIR,
  inputs: readonly InputIR[] = model.inputs,
): void {
  checkClasses(dataset, model);
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

function checkClasses(dataset: Dataset, model: ModelIR): void {
  const label =
    model.labels.find((l) => l.name === judgedLabel(model)) ?? model.labels.find((l) => l.kind === 'class');
  if (!label) return;
  if (label.classes.length !== dataset.classes.length)
    throw new DataError(
      `${dataset.name} has ${dataset.classes.length} classes (${dataset.classes.join(', ')}), ` +
        `and the label ${label.name} of ${model.name} has ${label.classes.length}: set the class count in the experiment ` +
        `(\`model ${model.name} with classes = ${dataset.classes.length}\`), or choose classes in the data block`,
    );
  // A label without names of its own takes those of the data.
  const named = label.classes.some((name, i) => name !== String(i));
  if (named && label.classes.join() !== dataset.classes.join())
    throw new DataError(
      `${dataset.name} has the classes ${dataset.classes.join(', ')}, and the label ${label.name} of ${model.name} has ` +
        `${label.classes.join(', ')}: write \`classes ${label.classes.join(', ')}\` in the data block`,
    );
}
