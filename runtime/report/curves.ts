/** @file The course of each loss term and logged value over epochs, out of `metrics.jsonl`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RunRecordError } from '../experiment/errors.js';
import type { Curve } from './report-data.js';

const MEAN = 'mean_';

/** A line of one epoch: means under `mean_NAME`. */
interface EpochLine {
  readonly seed: number;
  readonly fold?: number;
  readonly stage?: number;
  readonly epoch: number;
  readonly [name: string]: unknown;
}

/** Throws RunRecordError. A run that has not begun to train has none. */
export async function readCurves(directory: string): Promise<Curve[]> {
  const file = join(directory, 'metrics.jsonl');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new RunRecordError(`${file} could not be read: ${error.message}`);
  });
  return curvesOf(epochLines(text, file));
}

/** What follows the last line feed is still being written. */
function epochLines(text: string, file: string): EpochLine[] {
  return text
    .split('\n')
    .slice(0, -1)
    .flatMap((line, i) => {
      // Lines of iterations are many, and say nothing here.
      if (!line.includes(`"${MEAN}`)) return [];
      const entry = parsed(line);
      if (!entry) throw new RunRecordError(`${file}, line ${i + 1}, is damaged: it is no line of an epoch`);
      return [entry];
    });
}

function parsed(line: string): EpochLine | undefined {
  try {
    const entry = JSON.parse(line) as EpochLine;
    const fits = [entry.seed, entry.epoch, entry.fold ?? 1, entry.stage ?? 1].every(Number.isSafeInteger);
    return fits ? entry : undefined;
  } catch {
    return undefined;
  }
}

export function curvesOf(lines: readonly EpochLine[]): Curve[] {
  const stages = [...new Set(lines.map(stageOf))].sort((a, b) => a - b);
  return stages.flatMap((stage) => {
    const own = lines.filter((line) => stageOf(line) === stage);
    const names = new Set(own.flatMap((line) => Object.keys(line).filter((key) => key.startsWith(MEAN))));
    return [...names].map((name) => curve(stage, name, own));
  });
}

const stageOf = (line: EpochLine): number => line.stage ?? 1;

function curve(stage: number, name: string, lines: readonly EpochLine[]): Curve {
  const epochs = [...new Set(lines.map((line) => line.epoch))].sort((a, b) => a - b);
  const keys = [...new Set(lines.map(({ seed, fold }) => JSON.stringify([seed, fold ?? null])))];
  const trainings = keys.map((key) => {
    const [seed, fold] = JSON.parse(key) as [number, number | null];
    const own = lines.filter((line) => line.seed === seed && (line.fold ?? null) === fold);
    const byEpoch = new Map(own.map((line) => [line.epoch, line[name]]));
    return { seed, fold, values: epochs.map((epoch) => numberOrNull(byEpoch.get(epoch))) };
  });
  const mean = epochs.map((_, i) => {
    const known = trainings.flatMap(({ values }) => values[i] ?? []);
    return known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length;
  });
  return { stage, term: name.slice(MEAN.length), epochs, mean, trainings };
}

const numberOrNull = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
