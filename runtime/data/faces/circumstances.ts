/** @file What is known of drawn faces besides person and expression, image by image, without drawing them: the nuisances that probes look for. */
import type { DataIR } from '../../../compiler/model/experiment.js';
import { CIRCUMSTANCES } from '../../../compiler/model/sources.js';
import type { Field } from '../dataset.js';
import { random } from '../random.js';
import { defaultExpressions } from './expressions.js';
import { shots } from './generate.js';
import { drawIdentity } from './identity.js';
import { presets } from './presets.js';
import { drawShot } from './render.js';

type SyntheticFaces = Extract<DataIR['source'], { kind: 'synthetic_faces' }>;

/**
 * `light`: azimuth in radians, positive from the image's right. `glasses`: 0 or 1, one number for all images of a person. `yaw`: in radians.
 * In the order of the samples.
 */
export function circumstances(
  { seed, people, preset }: SyntheticFaces,
  classes: readonly string[] = defaultExpressions,
): Field[] {
  const count = people * classes.length * shots;
  const light = new Float32Array(count);
  const glasses = new Float32Array(count);
  const yaw = new Float32Array(count);
  let at = 0;
  for (let person = 0; person < people; person++) {
    const wears = Number(drawIdentity(seed, person, presets[preset]).glasses !== null);
    for (const expression of classes)
      for (let number = 0; number < shots; number++) {
        // The first that is drawn for a picture.
        const shot = drawShot(presets[preset], random('faces', 'shot', seed, person, expression, number));
        light[at] = shot.light.azimuth;
        glasses[at] = wears;
        yaw[at++] = shot.pose.yaw;
      }
  }
  const values = { light, glasses, yaw };
  return CIRCUMSTANCES.map((name) => ({ name, shape: [], values: values[name] }));
}
