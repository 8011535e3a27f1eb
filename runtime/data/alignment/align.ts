/** @file `align …`: how the images of a data set are read, each with its face where the template has it, and what becomes of those without. */
import type { AlignIR, DataIR } from '../../../compiler/model/experiment.js';
import type { Detector } from '../../detection/detector.js';
import type { Dataset } from '../dataset.js';
import { decode, ImageError, inColor, type Raster } from '../decode.js';
import { DataError, withItems } from '../errors.js';
import type { Entry, Listing } from '../listing.js';
import { readLandmarks } from './landmarks.js';
import { locate, neighbours } from './locate.js';
import { alignFace, withoutFace } from './place.js';

/** Raised when the same image and points would give other pixels; part of the cache's key. */
export const alignmentVersion = 1;

export interface Aligning {
  /** @throws NoFaceError for an image that is left out, and what `decode` throws. */
  readonly read: (entry: Entry) => Promise<Raster>;
  readonly faces: NonNullable<Dataset['faces']>;
}

/** An image that `missing: drop` leaves out. */
export class NoFaceError extends Error {}

/** `detector` finds what no source lists: absent for `align landmarks(…)`. @throws DataError with `missing: error` if an image shows no face. */
export async function aligning(
  data: DataIR & { readonly align: AlignIR },
  { entries, fields }: Pick<Listing, 'entries' | 'fields'>,
  detector: Detector | undefined,
  onProgress?: (done: number, total: number) => void,
): Promise<Aligning> {
  const { align } = data;
  if (align.kind === 'landmarks' || !detector) {
    const read = async (entry: Entry): Promise<Raster> => {
      const listed = entry.landmarks ?? landmarksIn(fields, entry);
      if (!listed) throw new ImageError('it has no landmarks');
      const points = await readLandmarks(listed);
      return inForm(data, entry, (picture) => alignFace(picture, points, align));
    };
    return { read, faces: { missing: [], policy: null, several: 0 } };
  }
  const locations = await locate(entries, align, detector, onProgress);
  const missing = entries.filter((entry) => locations.get(entry)?.points === null);
  const names = missing.map(({ place }) => place);
  if (align.missing === 'error' && missing.length > 0)
    throw new DataError(
      withItems(`${data.name}: ${missing.length} of ${entries.length} images show no face:`, names),
      names,
    );
  const lent = align.missing === 'neighbor' ? neighbours(entries, locations) : null;
  const read = async (entry: Entry): Promise<Raster> => {
    const location = locations.get(entry);
    if (location?.points === null && align.missing === 'drop') throw new NoFaceError();
    return inForm(data, entry, (picture) => {
      if (!location) throw new Error('it could not be read when faces were looked for');
      const points = location.points ?? lent?.get(entry);
      if (points) return alignFace(picture, points, align);
      return withoutFace(picture, align, align.missing === 'center' ? 'center' : 'resize');
    });
  };
  const several = [...locations.values()].filter(({ count }) => count > 1).length;
  return { read, faces: { missing: names, policy: align.missing, several } };
}

async function inForm(
  data: DataIR & { readonly align: AlignIR },
  entry: Entry,
  place: (picture: Raster) => Uint8Array,
): Promise<Raster> {
  const picture = await decode(entry.image, { resize: null, color: 'rgb' });
  const { height, width } = data.align;
  return { height, width, pixels: inColor(place(picture), 3, data), original: picture.original };
}

/** The field `landmarks` of a manifest: five or 68 points, in a list of pairs or of numbers. */
function landmarksIn(fields: Listing['fields'], { row }: Entry): Entry['landmarks'] {
  const field = fields.find(({ name }) => name === 'landmarks');
  const size = field?.shape.reduce((n, d) => n * d, 1) ?? 0;
  if (!field || size % 2 !== 0) return undefined;
  const own = field.values.subarray(row * size, (row + 1) * size);
  const points = Array.from({ length: size / 2 }, (_, i) => [own[2 * i]!, own[2 * i + 1]!] as const);
  return { kind: 'points', points };
}
