/** @file `ed2lc eval`: judges what a run learned, again: the same parameters, data and folds, so the same numbers. */
import type { Command } from 'commander';
import { cacheDirectory } from '../cache-directory.js';
import type { Console } from '../console.js';
import { describeTask, formatJudgements } from '../judgement.js';
import { describeEngine } from '../engine-line.js';
import { withEngine, type EngineOptions } from '../options.js';
import { Progress } from '../progress.js';

export function registerEval(program: Command, console: Console): void {
  const command = program
    .command('eval')
    .description('judge the parameters of a run on the people it held out')
    .argument('<run>', 'a run directory, such as runs/quick-001')
    .option('--json', 'all numbers as JSON');
  withEngine(command).action(async (directory: string, options: EngineOptions & { json?: true }) => {
    const { evaluateRun, openEngine } = await import('../../runtime/index.js');
    const engine = await openEngine(options.engine, options);
    console.detail(`on ${describeEngine(engine)}`);
    const progress = new Progress(console, 'auto');
    try {
      const { bound, judgements, missing } = await evaluateRun(directory, engine, {
        cacheDir: cacheDirectory(),
        baseDir: '.',
        onPreparing: (name, done, total) => progress.preparing(name, done, total),
        onNote: (text) => console.say(`note: ${text}`),
      });
      progress.clear();
      if (missing.length > 0)
        console.say(
          `note: ${directory} is unfinished: judged without ${missing.map(describeTask).join('; ')}`,
        );
      if (options.json) console.out(JSON.stringify(judgements));
      else if (judgements.length > 0) console.out(formatJudgements(judgements, bound.experiment));
      else console.say(`${bound.model.name} predicts no class, or nothing was held out: nothing to judge`);
    } finally {
      progress.clear();
      engine.close();
    }
  });
}
