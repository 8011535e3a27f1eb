/** @file A data block to a data set in memory: listed, decoded or drawn, filtered, resized, and cached. */
import type { DataIR } from '../../compiler/model/experiment.js';
import { FER_PLUS_CLASSES } from '../../compiler/model/sources.js';
import { detectorVersion } from '../detection/detect.js';
import { openDetector, type Detector } from '../detection/detector.js';
import { findWeights } from '../detection/places.js';
import type { Weights } from '../detection/weights.js';
import type { Engine } from '../engines/engine.js';
import { alignmentVersion } from './alignment/align.js';
import { assemble } from './assemble.js';
import { cacheFile, readCache, writeCache } from './cache.js';
import type { Dataset } from './dataset.js';
import { withItems } from './errors.js';
import { defaultExpressions } from './faces/expressions.js';
import { generatorVersion } from './faces/generate.js';
import { drawFaces } from './draw-faces.js';
import { findFerPlus, readFerPlus } from './databases/fer-plus.js';
import { listDatabase } from './databases/list.js';
import { findFer2013, listFer2013Folder, readFer2013 } from './fer2013.js';
import { readFoldFile } from './fold-file.js';
import { unknownPeople } from './folds.js';
import { listFolder } from './folder.js';
import { recipeOf, type Listing } from './listing.js';
import { withLock } from './lock.js';
import { listManifest } from './manifest.js';

export interface PrepareOptions {
  /** Where prepared data sets are kept; null keeps none. */
  readonly cacheDir: string | null;
  /** Relative paths of folders and files start here. */
  readonly baseDir: string;
  readonly onProgress?: (done: number, total: number) => void;
  /** Where faces are looked for; absent: one that is opened if it is needed. */
  readonly engine?: Engine;
  /** One line the user should see: damaged files, a rebuilt cache. What is about images, the data set holds too. */
  readonly onNote?: (text: string, about: 'images' | 'folds' | 'cache') => void;
}

/** A data set, and whether its recipe tells all about it: what could not be read this time may be there the next. */
export interface Made {
  readonly dataset: Dataset;
  readonly whole: boolean;
}

/** How a source is made, and what decides the result (plain JSON data). */
interface Order {
  readonly recipe: unknown;
  readonly make: () => Promise<Made>;
}

/**
 * Reads the source of a data block, all of it, before anything is trained. Crops, augmentation and pixel scaling come later, in batches.
 * @throws DataError for missing or unfit data, naming the folder, files or rows.
 */
export async function prepare(data: DataIR, options: PrepareOptions): Promise<Dataset> {
  const { folds } = data;
  const foldFile = folds?.kind === 'file' ? await readFoldFile(folds, options.baseDir) : undefined;
  const dataset = await cached(data, await order(data, options), options);
  for (const { reason, count, items, damaged } of dataset.dropped) {
    const share = `${count} of ${count + dataset.samples.length}`;
    if (damaged)
      options.onNote?.(withItems(`${data.name}: ${reason}, left out (${share}):`, items), 'images');
  }
  for (const { reason, items } of dataset.remarks ?? [])
    options.onNote?.(withItems(`${data.name}: ${items.length} ${reason}:`, items), 'images');
  noteFaceless(dataset, options);
  if (!foldFile) return dataset;
  const unknown = unknownPeople(foldFile, new Set(dataset.samples.map((s) => s.subject)));
  if (unknown.length > 0)
    options.onNote?.(
      withItems(`${unknown.length} people of ${foldFile.file} are not in ${data.name}:`, unknown),
      'folds',
    );
  return { ...dataset, foldFile };
}

const INSTEAD = {
  resize: 'resized as a whole',
  center: 'cut in the middle',
  neighbor: 'cut as the nearest frame with one, or resized as a whole',
} as const;

/** Those left out are told with all that is. */
function noteFaceless({ name, samples, faces }: Dataset, { onNote }: PrepareOptions): void {
  if (!faces?.policy || faces.missing.length === 0 || !(faces.policy in INSTEAD)) return;
  const how = INSTEAD[faces.policy as keyof typeof INSTEAD];
  onNote?.(
    withItems(
      `${name}: images without a face, ${how} (${faces.missing.length} of ${samples.length}):`,
      faces.missing,
    ),
    'images',
  );
}

async function order(data: DataIR, options: PrepareOptions): Promise<Order> {
  const { source, frames, classes } = data;
  const { align } = data;
  const weights = align?.kind === 'mtcnn' ? await findWeights(options.cacheDir) : undefined;
  const form = [
    data.resize,
    data.kernel,
    data.color,
    data.gray,
    ...(align ? [align, alignmentVersion] : []),
    ...(weights ? [detectorVersion, weights.hash] : []),
  ];
  const { baseDir } = options;
  const made = (listing: Listing, isTold = true): Promise<Made> =>
    withDetector(weights, options.engine, (detector) =>
      assemble(data, listing, isTold ? options : {}, detector),
    );
  const listed = (listing: Listing, about: readonly unknown[]): Order => ({
    recipe: [
      source.kind,
      ...about,
      listing.place,
      listing.entries.map(recipeOf),
      listing.dropped,
      listing.remarks,
      classes,
      frames,
      form,
    ],
    make: () => made(listing),
  });
  switch (source.kind) {
    case 'synthetic_faces': {
      const shown = classes ?? defaultExpressions;
      return {
        recipe: ['faces', generatorVersion, source, shown, form],
        // Without faces to find, most of the work is drawing.
        make: async () => made(await drawFaces(source, shown, options), align !== undefined),
      };
    }
    case 'folder':
      return listed(await listFolder(source.path, source.pattern, baseDir), []);
    case 'manifest': {
      const { found, ...listing } = await listManifest(source, baseDir);
      return listed(listing, [found.stats.size, found.stats.mtimeMs, source.columns]);
    }
    case 'ck_plus':
    case 'mmi':
    case 'bu_3dfe':
    case 'oulu_casia':
      return listed(await listDatabase(source, classes, baseDir), [source]);
    case 'fer_plus': {
      const files = await findFerPlus(source, baseDir);
      const stamps = [files.faces, files.votes].map(({ path, stats }) => [path, stats.size, stats.mtimeMs]);
      const shown = classes ?? FER_PLUS_CLASSES;
      return {
        recipe: ['fer_plus', stamps, source.part, shown, form],
        make: async () => made(await readFerPlus(files, source.part, shown)),
      };
    }
    case 'fer2013': {
      const found = await findFer2013(source.path, baseDir);
      if (!found.isFile)
        return listed(await listFer2013Folder(source.path, baseDir, source.part), [source.part]);
      const { path, stats } = found;
      return {
        recipe: ['fer2013', path, stats.size, stats.mtimeMs, source.part, classes, form],
        make: async () => made(await readFer2013(found, source.part)),
      };
    }
  }
}

async function withDetector(
  weights: Weights | undefined,
  engine: Engine | undefined,
  work: (detector?: Detector) => Promise<Made>,
): Promise<Made> {
  if (!weights) return work();
  const detector = await openDetector(weights, engine);
  try {
    return await work(detector);
  } finally {
    detector.close();
  }
}

async function cached(
  data: DataIR,
  { recipe, make }: Order,
  { cacheDir, onNote }: PrepareOptions,
): Promise<Dataset> {
  if (cacheDir === null) return (await make()).dataset;
  const file = cacheFile(cacheDir, recipe);
  // Blocks of other names may share the content.
  const kept = async (): Promise<Dataset | 'missing' | 'corrupt'> => {
    const found = await readCache(file);
    return typeof found === 'string' ? found : { ...found, name: data.name };
  };
  const before = await kept();
  if (typeof before !== 'string') return before;
  const waiting = (): void => onNote?.(`another process prepares ${data.name}; waiting for it`, 'cache');
  return withLock(`${file}.lock`, waiting, async () => {
    const found = await kept();
    if (typeof found !== 'string') return found;
    if (found === 'corrupt')
      onNote?.(`the cached copy of ${data.name} was damaged and is made again: ${file}`, 'cache');
    const { dataset, whole } = await make();
    if (whole)
      await writeCache(file, dataset).catch((error: Error) =>
        onNote?.(`${data.name} could not be cached in ${cacheDir}: ${error.message}`, 'cache'),
      );
    return dataset;
  });
}
