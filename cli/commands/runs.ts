/** @file `ed2lc runs`: the runs of a folder, how they stand, and the command that goes on with each. */
import type { Command } from 'commander';
import { percent } from '../../runtime/evaluation/metrics.js';
import { listRuns, type RunSummary } from '../../runtime/experiment/list-runs.js';
import type { Console } from '../console.js';
import { describeTask } from '../judgement.js';

export function registerRuns(program: Command, console: Console): void {
  program
    .command('runs')
    .description('list runs, how they stand, and how each goes on')
    .option('--runs <folder>', 'where run directories are', 'runs')
    .option('--json', 'as JSON')
    .action(async ({ runs, json }: { runs: string; json?: true }) => {
      const found = await listRuns(runs);
      if (json) console.out(JSON.stringify(found));
      else if (found.length > 0) console.out(table(found.map(row)));
      else console.say(`there are no runs in ${runs}`);
    });
}

const HEADING = ['run', 'state', 'model', 'done', 'accuracy', 'updated', ''];

function row(run: RunSummary): string[] {
  const { directory, state, problem, model, tasks, accuracy, updated, next } = run;
  const about = [...(problem === undefined ? [] : [problem]), ...(next ? [`ed2lc ${next.join(' ')}`] : [])];
  return [
    directory,
    state,
    model ?? '',
    tasks ? `${tasks.done} of ${tasks.planned}${standing(run)}` : '',
    accuracy === undefined ? '' : percent(accuracy),
    updated?.slice(0, 16).replace('T', ' ') ?? '',
    about.join('; '),
  ];
}

/** Of the training at hand, with its mean losses. */
function standing({ at, last, processes }: RunSummary): string {
  if (processes) {
    const some = Object.entries(processes).filter(([, n]) => n > 0);
    return ` (${some.map(([state, n]) => `${n} ${state}`).join(', ')})`;
  }
  if (!at) return '';
  const { task, stage, stages, epoch, epochs } = at;
  const where = [
    describeTask(task),
    ...(stages > 1 ? [`stage ${stage} of ${stages}`] : []),
    `epoch ${epoch} of ${epochs}`,
  ];
  const known = new Set(['seed', 'fold', 'stage', 'epoch', 'iteration', 'images_per_second']);
  const measured = Object.entries(last ?? {}).filter(
    ([name, value]) => !known.has(name) && typeof value === 'number',
  );
  const numbers = measured.map(([name, value]) => `${name} ${value.toPrecision(3)}`);
  return ` (${[...where, ...numbers].join(', ')})`;
}

function table(rows: readonly (readonly string[])[]): string {
  const all = [HEADING, ...rows];
  const widths = HEADING.map((_, i) => Math.max(...all.map((r) => r[i]!.length)));
  return all
    .map((r) =>
      r
        .map((text, i) => text.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
