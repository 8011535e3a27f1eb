/** @file Five points from what a database says of a face: five as they are, or those among the 68 of iBUG. */
import { readFile } from 'node:fs/promises';
import type { FivePoints, Point } from '../../detection/detect.js';
import { ImageError } from '../decode.js';
import type { ListedLandmarks } from '../listing.js';

/** The rings of the eyes, the tip of the nose, the corners of the mouth. */
const IBUG = { eyes: [36, 42], ring: 6, nose: 30, mouth: [48, 54], count: 68 } as const;
const FIVE = 5;

/** @throws ImageError for a file that is missing or damaged, or another number of points. */
export async function readLandmarks(listed: ListedLandmarks): Promise<FivePoints> {
  if (listed.kind === 'points') return fiveOf(listed.points);
  const points = pointsIn(await textOf(listed.file));
  // A file that is cut off after five lines must not pass for five points.
  if (points.length !== IBUG.count)
    throw new ImageError(`its file has ${points.length} landmarks, and not ${IBUG.count}`);
  return fiveOf(points);
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ImageError(`its landmarks cannot be read: ${error.message}`);
  });
}

/** A line `x y` for each point. */
export function pointsIn(text: string): Point[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return lines.filter(Boolean).map((line) => {
    const [x, y, ...rest] = line.split(/[\s,;]+/).map(Number);
    if (rest.length > 0 || !Number.isFinite(x) || !Number.isFinite(y))
      throw new ImageError(`its landmarks have a line ${JSON.stringify(line.slice(0, 40))}, and not x y`);
    return [x!, y!];
  });
}

export function fiveOf(points: readonly Point[]): FivePoints {
  if (points.length === FIVE) return points as unknown as FivePoints;
  if (points.length !== IBUG.count)
    throw new ImageError(`it has ${points.length} landmarks, and not ${FIVE} or ${IBUG.count}`);
  const eye = (first: number): Point => {
    const ring = points.slice(first, first + IBUG.ring);
    const mean = (axis: 0 | 1): number => ring.reduce((sum, p) => sum + p[axis], 0) / ring.length;
    return [mean(0), mean(1)];
  };
  const [left, right] = IBUG.mouth;
  return [eye(IBUG.eyes[0]), eye(IBUG.eyes[1]), points[IBUG.nose]!, points[left]!, points[right]!];
}
