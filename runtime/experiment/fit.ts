/** @file Whether a data set, now that it is listed, has the classes and the image size that the model was compiled for. */
import type { DataIR } from '../../compiler/model/experiment.js';
import type { ModelIR } from '../../compiler/model/ir.js';
import { viewSize } from '../data/crops.js';
import type { Dataset } from '../data/dataset.js';
import { DataError } from '../data/errors.js';
import { judgedLabel } from '../evaluation/evaluate.js';

/** Throws DataError. What the text of the spec decides, the checker has refused before. */
export function checkFit(dataset: Dataset, data: DataIR, model: ModelIR): void {
  checkClasses(dataset, model);
  const { height, width } = viewSize(data.crops, dataset);
  for (const { name, kind, shape } of model.inputs) {
    const [, ...size] = shape;
    if (kind === 'image' && size.join() !== [height, width, dataset.channels].join()) {
      throw new DataError(
        `the images of ${dataset.name} are ${height} by ${width} with ${dataset.channels} channel${dataset.channels === 1 ? '' : 's'}, ` +
          `and the input ${name} of ${model.name} is ${size.join(' by ')}: change resize, crops or color in the data block, or the model's size`,
      );
    }
  }
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
