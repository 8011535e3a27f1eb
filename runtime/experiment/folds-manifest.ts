/** @file Who is in which fold, as a file beside the run: `folds.json`, whose hash stands in the result. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { BoundExperiment } from '../../compiler/model/experiment.js';
import { foldCount, foldOf } from '../data/folds.js';
import type { Datasets } from './tasks.js';
import { writeText } from './text-file.js';

export interface FoldsManifest {
  readonly data: string;
  readonly folds: readonly {
    /** From 1, as `--fold` counts. */
    readonly fold: number;
    readonly images: number;
    readonly subjects: readonly {
      readonly subject: string;
      /** A still image is a sequence of its own. */
      readonly sequences: readonly string[];
    }[];
  }[];
}

/** As a result names it. */
export interface FoldsHash {
  readonly file: 'folds.json';
  readonly sha256: string;
}

/** Undefined where no fold is held out. Throws DataError, also if a person were in two folds. */
export function foldsManifest(
  { data, testData }: BoundExperiment,
  { train: dataset }: Datasets,
): FoldsManifest | undefined {
  const { folds } = data;
  if (testData || !folds) return undefined;
  const of = foldOf(dataset, folds);
  const tables = Array.from({ length: foldCount(dataset, folds) }, () => new Map<string, Set<string>>());
  const images = tables.map(() => 0);
  dataset.samples.forEach(({ subject, sequence }, i) => {
    const fold = of[i]!;
    images[fold]!++;
    const table = tables[fold]!;
    if (!table.has(subject)) table.set(subject, new Set());
    table.get(subject)!.add(sequence);
  });
  return {
    data: dataset.name,
    folds: tables.map((table, i) => ({
      fold: i + 1,
      images: images[i]!,
      subjects: [...table]
        .map(([subject, sequences]) => ({ subject, sequences: [...sequences].sort() }))
        .sort((a, b) => (a.subject < b.subject ? -1 : 1)),
    })),
  };
}

/** A line per person. */
function textOf({ data, folds }: FoldsManifest): string {
  const lines = folds.map(({ subjects, ...about }) => {
    const people = subjects.map((s) => `   ${JSON.stringify(s)}`).join(',\n');
    return `  {${JSON.stringify(about).slice(1, -1)}, "subjects": [\n${people}\n  ]}`;
  });
  return `{"format": "ed2l-folds", "version": 1, "data": ${JSON.stringify(data)}, "folds": [\n${lines.join(',\n')}\n]}`;
}

/** Of the file's content. */
export const hashOfFolds = (manifest: FoldsManifest): FoldsHash => ({
  file: 'folds.json',
  sha256: createHash('sha256')
    .update(`${textOf(manifest)}\n`)
    .digest('hex'),
});

/** Throws RunError when the disk refuses. */
export const writeFolds = (directory: string, manifest: FoldsManifest): Promise<void> =>
  writeText(join(directory, 'folds.json'), textOf(manifest));
