/** @file `source synthetic_faces(…)` as a data set. */
import type { DataIR } from '../../compiler/model/experiment.js';
import { countSizes } from './assemble.js';
import type { Dropped, Sample } from './dataset.js';
import { convertGray, LANES } from './decode.js';
import { defaultExpressions } from './faces/expressions.js';
import { generateFaces, personName, shots } from './faces/generate.js';
import { faceHeight, faceWidth } from './faces/render.js';
import { inParallel } from './parallel.js';
import type { Made, PrepareOptions } from './prepare.js';

type SyntheticFaces = Extract<DataIR['source'], { kind: 'synthetic_faces' }>;

export async function drawFaces(
  data: DataIR,
  { seed, people, preset }: SyntheticFaces,
  classes: readonly string[],
  { onProgress }: Pick<PrepareOptions, 'onProgress'>,
): Promise<Made> {
  const drawn = await generateFaces({ seed, people, preset, expressions: classes }, onProgress);
  const samples = drawn.truth.map(({ person, expression, number }): Sample => {
    const subject = personName(person, people);
    const id = `${subject}/${expression}/${number + 1}`;
    return { id, label: classes.indexOf(expression), subject, sequence: id };
  });
  const size = faceHeight * faceWidth;
  const [height, width] = data.resize ?? [faceHeight, faceWidth];
  const channels = data.color === 'gray' ? 1 : 3;
  const pixels = new Uint8Array(samples.length * height * width * channels);
  await inParallel(samples, LANES, async (_, i) => {
    const face = drawn.pixels.subarray(i * size, (i + 1) * size);
    const raster = await convertGray(face, faceHeight, faceWidth, data);
    pixels.set(raster.pixels, i * raster.pixels.length);
  });
  const dropped = defaultExpressions
    .filter((name) => !classes.includes(name))
    .map((name): Dropped => ({
      reason: `faces of class ${name}, which is not listed`,
      count: people * shots,
      items: [],
      damaged: false,
    }));
  return {
    whole: true,
    dataset: {
      name: data.name,
      classes,
      height,
      width,
      channels,
      samples,
      pixels,
      fields: [],
      otherColumns: [],
      sizes: countSizes(samples.map(() => ({ height: faceHeight, width: faceWidth }))),
      dropped,
    },
  };
}
