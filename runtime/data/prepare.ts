/** @file A data block to a data set in memory: listed, decoded or drawn, filtered, resized, and cached. */
import { availableParallelism } from 'node:os';
import type { DataIR } from '../../compiler/model/experiment.js';
import { cacheFile, readCache, writeCache } from './cache.js';
import type { Dataset, Dropped, Sample } from './dataset.js';
import { convertGray, decodeFile, type Raster } from './decode.js';
import { DataError } from './errors.js';
import { defaultExpressions } from './faces/expressions.js';
import { generateFaces, generatorVersion, personName, shots } from './faces/generate.js';
import { faceHeight, faceWidth } from './faces/render.js';
import { listFolder, type ImageFile, type Listing } from './folder.js';

export interface PrepareOptions {
  /** Where prepared data sets are kept; null keeps none. */
  readonly cacheDir: string | null;
  /** Relative paths of folders start here. */
  readonly baseDir: string;
  readonly onProgress?: (done: number, total: number) => void;
  /** One line the user should see: damaged files, a rebuilt cache. */
  readonly onNote?: (text: string) => void;
}

type Source<Kind> = Extract<DataIR['source'], { kind: Kind }>;

/**
 * Reads the source of a data block. Crops, augmentation and pixel scaling come later, in batches.
 * @throws DataError for missing or unfit data, naming the folder or files.
 */
export async function prepare(data: DataIR, options: PrepareOptions): Promise<Dataset> {
  const { source } = data;
  if (source.kind === 'synthetic_faces') {
    const classes = data.classes ?? defaultExpressions;
    const recipe = ['faces', generatorVersion, source, classes, data.resize, data.color];
    return cached(data, recipe, options, () => drawFaces(data, source, classes, options));
  }
  const listing = await listFolder(source.path, source.pattern, options.baseDir);
  const classes = chooseClasses(data, listing);
  const files = listing.files.map(({ path, class: name, subject, size, modified }) => [
    path,
    name,
    subject,
    size,
    modified,
  ]);
  const recipe = ['folder', listing.folder, files, listing.dropped, classes, data.resize, data.color];
  return cached(data, recipe, options, () => decodeFolder(data, listing, classes, options));
}

interface Made {
  readonly dataset: Dataset;
  /** Every image that was listed is in it. */
  readonly whole: boolean;
}

async function cached(
  data: DataIR,
  recipe: unknown,
  { cacheDir, onNote }: PrepareOptions,
  make: () => Promise<Made>,
): Promise<Dataset> {
  if (cacheDir === null) return (await make()).dataset;
  const file = cacheFile(cacheDir, recipe);
  const found = await readCache(file);
  if (found === 'corrupt') onNote?.(`the cached copy of ${data.name} was damaged and is made again: ${file}`);
  // Blocks of other names may share the content.
  else if (found !== 'missing') return { ...found, name: data.name };
  const { dataset, whole } = await make();
  // What could not be read this time may be there the next time, with nothing in the recipe to show it.
  if (whole)
    await writeCache(file, dataset).catch((error: Error) =>
      onNote?.(`${data.name} could not be cached in ${cacheDir}: ${error.message}`),
    );
  return dataset;
}

async function drawFaces(
  data: DataIR,
  source: Source<'synthetic_faces'>,
  classes: readonly string[],
  { onProgress }: PrepareOptions,
): Promise<Made> {
  const { seed, people, preset } = source;
  const { pixels, truth } = await generateFaces({ seed, people, preset, expressions: classes }, onProgress);
  const samples = truth.map(({ person, expression, number }): Sample => {
    const subject = personName(person, people);
    const id = `${subject}/${expression}/${number + 1}`;
    return { id, label: classes.indexOf(expression), subject, sequence: id };
  });
  const size = faceHeight * faceWidth;
  const rasters = await inParallel(truth, (_, i) =>
    convertGray(pixels.subarray(i * size, (i + 1) * size), faceHeight, faceWidth, data),
  );
  const dropped = defaultExpressions
    .filter((name) => !classes.includes(name))
    .map((name): Dropped => ({
      reason: `faces of class ${name}, which is not listed`,
      count: people * shots,
    }));
  return { dataset: assemble(data, classes, samples, rasters, dropped), whole: true };
}

function chooseClasses(data: DataIR, { folder, classes: found }: Listing): readonly string[] {
  const missing = data.classes?.filter((name) => !found.includes(name)) ?? [];
  if (missing.length > 0)
    throw new DataError(
      `${data.name}: ${folder} has no images of class ${missing.join(', ')}; it has ${found.join(', ')}`,
    );
  return data.classes ?? found;
}

async function decodeFolder(
  data: DataIR,
  listing: Listing,
  classes: readonly string[],
  { onProgress, onNote }: PrepareOptions,
): Promise<Made> {
  const dropped = [...listing.dropped];
  for (const name of listing.classes.filter((found) => !classes.includes(found))) {
    const count = listing.files.filter((file) => file.class === name).length;
    dropped.push({ reason: `images of class ${name}, which is not listed`, count });
  }
  const wanted = listing.files.filter((file) => classes.includes(file.class));
  const bad: string[] = [];
  let done = 0;
  const decoded = await inParallel(wanted, async (file) => {
    const raster = await decodeFile(file.file, data).catch((error: Error) => {
      bad.push(`${file.path} (${error.message.split('\n')[0]})`);
      return null;
    });
    onProgress?.(++done, wanted.length);
    return raster && { file, raster };
  });
  const kept = decoded.filter((entry): entry is { file: ImageFile; raster: Raster } => entry !== null);
  if (bad.length > 0) {
    bad.sort();
    const more = bad.length > 10 ? [`  and ${bad.length - 10} more`] : [];
    const list = [...bad.slice(0, 10).map((line) => `  ${line}`), ...more].join('\n');
    const heading = `${bad.length} of ${wanted.length} images in ${listing.folder} could not be read:`;
    if (kept.length === 0) throw new DataError(`${data.name}: ${heading}\n${list}`);
    onNote?.(`${data.name}: ${heading}\n${list}`);
    dropped.push({
      reason: `images that could not be read: ${bad.slice(0, 10).join(', ')}`,
      count: bad.length,
    });
  }
  const samples = kept.map(({ file }): Sample => {
    return { id: file.path, label: classes.indexOf(file.class), subject: file.subject, sequence: file.path };
  });
  const rasters = kept.map((entry) => entry.raster);
  return { dataset: assemble(data, classes, samples, rasters, dropped), whole: bad.length === 0 };
}

function assemble(
  data: DataIR,
  classes: readonly string[],
  samples: readonly Sample[],
  rasters: readonly Raster[],
  dropped: readonly Dropped[],
): Dataset {
  const { height, width } = rasters[0]!;
  const other = rasters.findIndex((raster) => raster.height !== height || raster.width !== width);
  if (other >= 0)
    throw new DataError(
      `${data.name}: images differ in size (${samples[0]!.id} is ${height}x${width}, ` +
        `${samples[other]!.id} is ${rasters[other]!.height}x${rasters[other]!.width}, height first); ` +
        `add \`resize to(height, width)\` to the data block`,
    );
  const channels = data.color === 'gray' ? 1 : 3;
  const size = height * width * channels;
  const pixels = new Uint8Array(samples.length * size);
  rasters.forEach((raster, i) => pixels.set(raster.pixels, i * size));
  return { name: data.name, classes, height, width, channels, samples, pixels, dropped };
}

/** Maps in order with as many at once as there are processors. */
async function inParallel<T, R>(
  items: readonly T[],
  map: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) results[i] = await map(items[i]!, i);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return results;
}
