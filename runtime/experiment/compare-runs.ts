/** @file Compares runs by their decisions: each with the first, over the folds that both have finished. */
import type { BoundExperiment } from '../../compiler/model/experiment.js';
import { PairingError } from '../evaluation/errors.js';
import { pair, type Paired } from '../evaluation/paired.js';
import { loadRun, readResult, type RunRecord, type StoredResult } from './record.js';

export interface ComparedRun {
  readonly directory: string;
  readonly experiment: string;
  readonly model: string;
  readonly seeds: readonly number[];
  /** Trainings that are not finished. */
  readonly missing: number;
}

export interface Comparison extends Paired {
  /** All differences are the second's minus the first's. */
  readonly runs: readonly [ComparedRun, ComparedRun];
}

interface Read {
  readonly directory: string;
  readonly record: RunRecord;
  readonly bound: BoundExperiment;
  readonly result: StoredResult;
}

/** Throws PairingError if one cannot be paired with the first, and RunRecordError. */
export async function compareRuns(directories: readonly string[]): Promise<Comparison[]> {
  const runs: Read[] = [];
  for (const directory of directories)
    runs.push({ directory, ...(await loadRun(directory)), result: await readResult(directory) });
  const [first, ...others] = runs;
  for (const run of runs)
    if (run.result.judgements.length === 0)
      throw new PairingError(`nothing in ${run.directory} is judged: there is nothing to compare`);
  return others.map((other) => {
    checkPairs(first!, other);
    const paired = pair(first!.result.tasks, other.result.tasks, [first!.directory, other.directory]);
    return { runs: [about(first!), about(other)], ...paired };
  });
}

/** What could explain why samples differ is said before they are looked at. */
function checkPairs(a: Read, b: Read): void {
  const classesOf = ({ result }: Read): string => result.judgements[0]!.judgement.classes.join(', ');
  if (classesOf(a) !== classesOf(b))
    throw new PairingError(
      `${a.directory} has the classes ${classesOf(a)}, and ${b.directory} has ${classesOf(b)}: they answer different questions`,
    );
  const [scoreA, scoreB] = [a.bound.experiment.score.kind, b.bound.experiment.score.kind];
  if (scoreA !== scoreB)
    throw new PairingError(
      `${a.directory} is judged per ${scoreA}, and ${b.directory} per ${scoreB}: judge both by one \`score\``,
    );
  const [foldsA, foldsB] = [a.result.folds?.sha256, b.result.folds?.sha256];
  if (foldsA !== foldsB && a.record.people === b.record.people)
    throw new PairingError(
      `${a.directory} and ${b.directory} have other folds of the same people (see folds.json in each): ` +
        'a sample that one has learned from is held out in the other',
    );
}

function about({ directory, record, result }: Read): ComparedRun {
  const { experiment, model, tasks } = record;
  const seeds = [...new Set(tasks.map(({ seed }) => seed))];
  return { directory, experiment, model, seeds, missing: tasks.length - result.tasks.length };
}
