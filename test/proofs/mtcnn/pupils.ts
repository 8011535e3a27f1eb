/** @file Where the Face Research Lab London Set itself says that eyes are, and how far off those of a found face are. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Face, Point } from '../../../runtime/detection/detect.js';

/** The centres of both pupils, left to right in the image, by photograph such as `neutral/001_03`. */
export type Pupils = ReadonlyMap<string, readonly Point[]>;

/** @param folder holds landmarks.csv; its points 0 and 1 are the pupils. */
export function pupilsIn(folder: string): Pupils {
  const pupils = new Map<string, Point[]>();
  for (const line of readFileSync(join(folder, 'landmarks.csv'), 'utf8').split(/\r?\n/).slice(1)) {
    const [expression, stem, point, x, y] = line.split(',');
    if (point !== '0' && point !== '1') continue;
    const name = `${expression}/${stem}`;
    pupils.set(name, [...(pupils.get(name) ?? []), [Number(x), Number(y)]]);
  }
  return pupils;
}

/** From each pupil to the eye that was found, to the right and down, in distances between the pupils; none where the set marks none. */
export function eyeOffsets(pupils: Pupils, id: string, face: Face): Point[] {
  const own = pupils.get(id.replace(/\.\w+$/, ''));
  if (!own) return [];
  const [left, right] = own as [Point, Point];
  const between = Math.hypot(right[0] - left[0], right[1] - left[1]);
  return own.map(([x, y], k) => [(face.points[k]![0] - x) / between, (face.points[k]![1] - y) / between]);
}
