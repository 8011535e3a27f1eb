/** @file `ed2lc crossval --status`: what of cross-validations is done, at work, failed and missing. Exit code 1 if anything is not done. */
import { existsSync } from 'node:fs';
import { standingOf, type RunStanding, type TaskStanding } from '../../runtime/crossval/standing.js';
import { isInProcesses } from '../../runtime/experiment/directory.js';
import { listRuns } from '../../runtime/experiment/list-runs.js';
import { percent } from '../../runtime/evaluation/metrics.js';
import type { Console } from '../console.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { describeTask } from '../judgement.js';
import { duration } from '../progress.js';

/** `named`: run directories (default: the unfinished cross-validations of the folder `runs`). */
export async function showStatus(
  named: readonly string[],
  runs: string,
  json: boolean,
  console: Console,
): Promise<ExitCode> {
  const unfinished = async (): Promise<string[]> =>
    (await listRuns(runs))
      .filter(({ directory, state }) => state !== 'complete' && isInProcesses(directory))
      .map(({ directory }) => directory);
  const directories = named.length > 0 ? named : existsSync(runs) ? await unfinished() : [];
  const found: RunStanding[] = [];
  for (const directory of directories) found.push(await standingOf(directory));
  if (json) console.out(JSON.stringify(found));
  else if (found.length > 0) console.out(found.map(textOf).join('\n\n'));
  else console.say(`no cross-validation in ${runs} is unfinished`);
  const isDone = found.every(({ tasks }) => tasks.every(({ state }) => state === 'done'));
  return isDone ? EXIT.ok : EXIT.failed;
}

const STATES = ['done', 'running', 'stopped', 'failed', 'missing'] as const;

function textOf({ directory, tasks }: RunStanding): string {
  const counts = STATES.flatMap((state) => {
    const n = tasks.filter((t) => t.state === state).length;
    return n > 0 ? [`${n} ${state}`] : [];
  });
  const works = tasks.some(({ state }) => state === 'running');
  const isDone = tasks.every(({ state }) => state === 'done');
  const width = Math.max(...tasks.map((t) => describeTask(t).length));
  return [
    `${directory}: ${counts.join(', ')} of ${tasks.length}`,
    ...tasks.map((task) =>
      `  ${describeTask(task).padEnd(width)}  ${task.state.padEnd(7)}  ${aboutOf(task)}`.trimEnd(),
    ),
    ...(isDone || works ? [] : [`to go on: ed2lc crossval --resume ${directory}`]),
  ].join('\n');
}

function aboutOf({ accuracy, seconds, at, about }: TaskStanding): string {
  return [
    ...(accuracy === undefined ? [] : [percent(accuracy)]),
    ...(seconds === undefined ? [] : [duration(seconds)]),
    ...(at ? [`epoch ${at.epoch} of ${at.epochs}`] : []),
    ...(about === undefined ? [] : [about]),
  ].join(', ');
}
