/** @file `source synthetic_faces(…)` as a listing: images drawn, each with its class and person. */
import type { DataIR } from '../../compiler/model/experiment.js';
import type { Dropped } from './dataset.js';
import { circumstances } from './faces/circumstances.js';
import { defaultExpressions } from './faces/expressions.js';
import { generateFaces, personName, shots } from './faces/generate.js';
import { faceHeight, faceWidth } from './faces/render.js';
import type { Entry, Listing } from './listing.js';
import type { PrepareOptions } from './prepare.js';

type SyntheticFaces = Extract<DataIR['source'], { kind: 'synthetic_faces' }>;

export async function drawFaces(
  source: SyntheticFaces,
  classes: readonly string[],
  { onProgress }: Pick<PrepareOptions, 'onProgress'>,
): Promise<Listing> {
  const { seed, people, preset } = source;
  const drawn = await generateFaces({ seed, people, preset, expressions: classes }, onProgress);
  const size = faceHeight * faceWidth;
  return {
    place: 'synthetic faces',
    classes,
    entries: drawn.truth.map(({ person, expression, number }, row): Entry => {
      const subject = personName(person, people);
      const id = `${subject}/${expression}/${number + 1}`;
      const pixels = drawn.pixels.subarray(row * size, (row + 1) * size);
      return {
        id,
        place: id,
        class: expression,
        subject,
        sequence: id,
        frame: null,
        row,
        image: { kind: 'pixels', height: faceHeight, width: faceWidth, pixels },
      };
    }),
    fields: circumstances(source, classes),
    otherColumns: [],
    dropped: defaultExpressions
      .filter((name) => !classes.includes(name))
      .map((name): Dropped => ({
        reason: `faces of class ${name}, which is not listed`,
        count: people * shots,
        items: [],
        damaged: false,
      })),
  };
}
