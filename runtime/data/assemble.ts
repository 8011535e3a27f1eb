/** @file From listed images to a data set: classes and frames chosen, images decoded to one size, a few at a time. */
import { totalmem } from 'node:os';
import type { AlignIR, DataIR } from '../../compiler/model/experiment.js';
import type { Detector } from '../detection/detector.js';
import { aligning, NoFaceError } from './alignment/align.js';
import type { Dataset, Dropped, Field, Sample } from './dataset.js';
import { ChangedError, decode, ImageError, LANES, type Raster } from './decode.js';
import { CodecError, DataError, withItems } from './errors.js';
import { chooseFrames } from './frames.js';
import { Drops, type Entry, type Listing } from './listing.js';
import { inParallel } from './parallel.js';
import type { Made, PrepareOptions } from './prepare.js';

/** @throws DataError if a class has no image, none can be read, they differ in size, or one changes while they are read. */
export async function assemble(
  data: DataIR,
  listing: Listing,
  { onProgress }: Pick<PrepareOptions, 'onProgress'>,
  detector?: Detector,
): Promise<Made> {
  const classes = chooseClasses(data, listing);
  const drops = new Drops();
  const wanted = listing.entries.filter((entry) => {
    if (classes.includes(entry.class)) return true;
    drops.add(`images of class ${entry.class}, which is not listed`, entry.place);
    return false;
  });
  const frames = chooseFrames({ place: listing.place, entries: wanted }, data.frames);
  const chosen = frames.entries;
  const plate = new Plate(chosen.length, data.color === 'gray' ? 1 : 3, data.name);
  const { align, resize } = data;
  if (resize) plate.fix(resize[0], resize[1]);
  if (align) plate.fix(align.height, align.width);
  const aligned = isAligned(data)
    ? await aligning(data, { entries: chosen, fields: listing.fields }, detector, onProgress)
    : undefined;
  const read = aligned?.read ?? (({ image }: Entry): Promise<Raster> => decode(image, data));
  const bad: string[] = [];
  let whole = true;
  let done = 0;
  const sizes = await inParallel(chosen, LANES, async (entry, i) => {
    const raster = await read(entry).catch((error: Error) => {
      if (error instanceof ChangedError || error instanceof CodecError || !(error instanceof Error))
        throw error;
      if (error instanceof NoFaceError) return null;
      if (!(error instanceof ImageError)) whole = false;
      bad.push(`${entry.place} (${error.message})`);
      return null;
    });
    if (raster) plate.put(i, raster);
    onProgress?.(++done, chosen.length);
    return raster && { height: raster.height, width: raster.width, original: raster.original };
  });
  const kept = chosen.flatMap((entry, i) => (sizes[i] ? [{ entry, i, size: sizes[i] }] : []));
  bad.sort();
  const faceless = aligned?.faces.policy === 'drop' ? aligned.faces.missing : [];
  if (kept.length === 0 && bad.length === 0)
    throw new DataError(
      withItems(`${data.name}: none of ${chosen.length} images shows a face:`, faceless),
      faceless,
    );
  if (kept.length === 0) {
    const count = `${bad.length} of ${chosen.length} images in ${listing.place}`;
    throw new DataError(withItems(`${data.name}: ${count} could not be read:`, bad), bad);
  }
  checkSizes(data, kept);
  const dropped: Dropped[] = [...listing.dropped, ...drops.list(), ...frames.dropped];
  if (bad.length > 0)
    dropped.push({
      reason: 'images that could not be read',
      count: bad.length,
      items: bad,
      damaged: true,
    });
  if (faceless.length > 0)
    dropped.push({
      reason: 'images without a face',
      count: faceless.length,
      items: faceless,
      damaged: true,
    });
  const entries = kept.map(({ entry }) => entry);
  return {
    whole,
    dataset: {
      name: data.name,
      classes,
      height: kept[0]!.size.height,
      width: kept[0]!.size.width,
      channels: plate.channels,
      samples: entries.map(({ id, class: name, subject, sequence }): Sample => ({
        id,
        label: classes.indexOf(name),
        subject,
        sequence,
      })),
      pixels: plate.compact(kept.map(({ i }) => i)),
      fields: listing.fields.map((field) => pick(field, entries)),
      otherColumns: listing.otherColumns,
      sizes: countSizes(kept.map(({ size }) => size.original)),
      dropped,
      ...(listing.remarks && { remarks: listing.remarks }),
      ...(aligned && { faces: aligned.faces }),
    },
  };
}

const isAligned = (data: DataIR): data is DataIR & { readonly align: AlignIR } => data.align !== undefined;

function chooseClasses(data: DataIR, { place, classes: found, entries }: Listing): readonly string[] {
  const classes = data.classes ?? found;
  const there = new Set(entries.map((entry) => entry.class));
  const missing = classes.filter((name) => !there.has(name));
  if (missing.length > 0)
    throw new DataError(
      `${data.name}: ${place} has no images of class ${missing.join(', ')}; it has ${[...there].join(', ')}. ` +
        `\`classes …\` in the data block says which to read`,
    );
  return classes;
}

type Size = Pick<Raster, 'height' | 'width'>;

function checkSizes(data: DataIR, kept: readonly { readonly entry: Entry; readonly size: Size }[]): void {
  const [first] = kept;
  const { height, width } = first!.size;
  const other = kept.find(({ size }) => size.height !== height || size.width !== width);
  if (other)
    throw new DataError(
      `${data.name}: images differ in size (${first!.entry.id} is ${height}x${width}, ` +
        `${other.entry.id} is ${other.size.height}x${other.size.width}, height first); ` +
        `add \`resize to(height, width)\` to the data block`,
    );
}

/** The pixels of all images, filled in any order. Originals are not kept. */
class Plate {
  #pixels = new Uint8Array();
  #size: Size | undefined;

  constructor(
    readonly count: number,
    readonly channels: number,
    readonly name: string,
  ) {}

  /** @throws DataError if this machine cannot hold as many images of that size. */
  fix(height: number, width: number): void {
    this.#size = { height, width };
    const bytes = this.count * height * width * this.channels;
    const gib = (n: number): string => `${(n / 2 ** 30).toFixed(1)} GiB`;
    try {
      if (bytes > totalmem()) throw new RangeError();
      this.#pixels = new Uint8Array(bytes);
    } catch {
      throw new DataError(
        `${this.name}: ${this.count} images of ${height} by ${width} take ${gib(bytes)}, and this machine has ${gib(totalmem())}: resize them to fewer pixels`,
      );
    }
  }

  /** An image of another size is left out; that is told when all have been seen. */
  put(i: number, { height, width, pixels }: Raster): void {
    if (!this.#size) this.fix(height, width);
    if (height === this.#size!.height && width === this.#size!.width)
      this.#pixels.set(pixels, i * pixels.length);
  }

  /** Those at `indices` (ascending), one after another. */
  compact(indices: readonly number[]): Uint8Array {
    const size = this.#size!.height * this.#size!.width * this.channels;
    indices.forEach((i, k) => {
      if (i !== k) this.#pixels.copyWithin(k * size, i * size, (i + 1) * size);
    });
    return this.#pixels.subarray(0, indices.length * size);
  }
}

function pick({ name, shape, values }: Field, entries: readonly Entry[]): Field {
  const size = shape.reduce((n, d) => n * d, 1);
  const own = new Float32Array(entries.length * size);
  entries.forEach(({ row }, i) => own.set(values.subarray(row * size, (row + 1) * size), i * size));
  return { name, shape, values: own };
}

/** The most frequent first. */
export function countSizes(sizes: readonly Size[]): Dataset['sizes'] {
  const counts = new Map<string, { height: number; width: number; count: number }>();
  for (const { height, width } of sizes) {
    const known = counts.get(`${height}x${width}`);
    if (known) known.count++;
    else counts.set(`${height}x${width}`, { height, width, count: 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}
