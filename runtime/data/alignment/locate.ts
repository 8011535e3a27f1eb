/** @file `align mtcnn(…)`: the face of each image, found before any is cut, so that a frame without one can look at its neighbours. */
import type { AlignIR } from '../../../compiler/model/experiment.js';
import type { Face, FivePoints, Point } from '../../detection/detect.js';
import type { Detector } from '../../detection/detector.js';
import { resample, type Picture } from '../../detection/resample.js';
import { ChangedError, decode, ImageError, LANES } from '../decode.js';
import { CodecError } from '../errors.js';
import type { Entry } from '../listing.js';
import { naturally } from '../natural-order.js';
import { inParallel } from '../parallel.js';
import { MOST_PIXELS } from '../pgm.js';

type Mtcnn = Extract<AlignIR, { kind: 'mtcnn' }>;

export interface Location {
  /** null: no face was found. */
  readonly points: FivePoints | null;
  /** Faces to choose from. */
  readonly count: number;
}

/** By entry; none for images that could not be read, which is told when they are read again. */
export type Locations = ReadonlyMap<Entry, Location>;

export async function locate(
  entries: readonly Entry[],
  align: Mtcnn,
  detector: Detector,
  onProgress?: (done: number, total: number) => void,
): Promise<Locations> {
  const found = new Map<Entry, Location>();
  let done = 0;
  await inParallel(entries, LANES, async (entry) => {
    const picture = await decode(entry.image, { resize: null, color: 'rgb' }).catch((error: Error) => {
      if (error instanceof ChangedError || error instanceof CodecError || !(error instanceof Error))
        throw error;
      return null;
    });
    if (picture) found.set(entry, locateIn(picture, align, detector));
    onProgress?.(++done, entries.length);
  });
  return found;
}

/** @throws ImageError for an image that would be too large. */
export function locateIn(picture: Picture, align: Mtcnn, detector: Detector): Location {
  const seen = enlarged(picture, align.upscale);
  const faces = seen ? detector.find(seen) : [];
  const face = choose(faces, seen ?? picture, align.face);
  const down = (x: number): number => (x + 0.5) / align.upscale - 0.5;
  const points = face && (face.points.map(([x, y]): Point => [down(x), down(y)]) as unknown as FivePoints);
  return { points, count: faces.length };
}

/** null: too small to hold a face, or too large to look at. */
function enlarged(picture: Picture, by: number): Picture | null {
  if (by === 1) return picture;
  const height = Math.round(picture.height * by);
  const width = Math.round(picture.width * by);
  if (height < 1 || width < 1) return null;
  if (height * width > MOST_PIXELS)
    throw new ImageError(`enlarged by ${by} it would have more than ${MOST_PIXELS / 2 ** 20} megapixels`);
  const pixels = new Float32Array(height * width * 3);
  const region = { left: 0, top: 0, right: width / by, bottom: height / by };
  resample(picture, region, { height, width }, 'nothing', pixels);
  return { height, width, pixels };
}

/** The nearest to the middle of the image, the largest, or the one that is most certain; the more certain of equals. */
function choose(faces: readonly Face[], { height, width }: Picture, by: Mtcnn['face']): Face | null {
  const value = ({ left, top, right, bottom, score }: Face): number => {
    if (by === 'best') return score;
    if (by === 'largest') return (right - left) * (bottom - top);
    return -Math.hypot((left + right - width) / 2, (top + bottom - height) / 2);
  };
  return faces.reduce<Face | null>(
    (best, face) => (best === null || value(face) > value(best) ? face : best),
    null,
  );
}

/** For frames without a face, the points of the nearest frame of their sequence that has one; the earlier of two. */
export function neighbours(entries: readonly Entry[], locations: Locations): ReadonlyMap<Entry, FivePoints> {
  const sequences = new Map<string, Entry[]>();
  for (const entry of entries) {
    const own = sequences.get(entry.sequence);
    if (own) own.push(entry);
    else sequences.set(entry.sequence, [entry]);
  }
  const lent = new Map<Entry, FivePoints>();
  for (const sequence of sequences.values()) {
    sequence.sort((a, b) =>
      a.frame !== null && b.frame !== null ? a.frame - b.frame : naturally(a.id, b.id),
    );
    const found = sequence.flatMap((entry, at) => {
      const points = locations.get(entry)?.points;
      return points ? [{ points, at, frame: entry.frame }] : [];
    });
    sequence.forEach((entry, at) => {
      if (locations.get(entry)?.points) return;
      const far = (other: (typeof found)[number]): number =>
        entry.frame !== null && other.frame !== null
          ? Math.abs(other.frame - entry.frame)
          : Math.abs(other.at - at);
      const [nearest] = found.toSorted((a, b) => far(a) - far(b) || a.at - b.at);
      if (nearest) lent.set(entry, nearest.points);
    });
  }
  return lent;
}
