/** @file `ed2lc report`: what runs have shown, as one page with tables and figures, and as data. */
import type { Command } from 'commander';
import type { BoundExperiment, ReportIR } from '../../compiler/index.js';
import type { Engine } from '../../runtime/index.js';
import { cacheDirectory } from '../cache-directory.js';
import type { Console } from '../console.js';
import { describeEngine } from '../engine-line.js';
import { UsageError } from '../failures.js';
import { withEngine, type EngineOptions } from '../options.js';
import { Progress } from '../progress.js';

interface ReportCommandOptions extends EngineOptions {
  readonly output: string;
  readonly rehearsal?: true;
  readonly add: readonly string[];
}

export function registerReport(program: Command, console: Console): void {
  const command = program
    .command('report')
    .description('write one page about runs: accuracies, tables, figures; and all of it as data')
    .argument('<run...>', 'run directories, such as runs/quick-001')
    .option('-o, --output <file>', 'the page; its data go into a folder beside it', 'report.html')
    .option('--rehearsal', 'stamp every page and figure "rehearsal, not evidence"')
    .option(
      '--add <item>',
      'what the report lines do not ask for, such as "tsne(f_t, fold: 1)" (repeatable)',
      (item: string, before: readonly string[]) => [...before, item],
      [],
    );
  withEngine(command).action((runs: string[], options: ReportCommandOptions) =>
    report(runs, options, console),
  );
}

async function report(directories: string[], options: ReportCommandOptions, console: Console): Promise<void> {
  const { reportOf, writeReport, openEngine } = await import('../../runtime/index.js');
  const items = await addedItems(options.add);
  const progress = new Progress(console, 'auto');
  let engine: Engine | undefined;
  try {
    const data = await reportOf({
      directories,
      rehearsal: options.rehearsal === true,
      also: items,
      measuring: async () => {
        if (!engine) {
          engine = await openEngine(options.engine, options);
          console.detail(`on ${describeEngine(engine)}`);
        }
        return {
          engine,
          cacheDir: cacheDirectory(),
          baseDir: '.',
          onPreparing: (name, done, total) => progress.preparing(name, done, total),
          onNote: (text) => {
            progress.clear();
            console.say(`note: ${text}`);
          },
          onItem: (run, item) => {
            progress.clear();
            console.say(`${run}: ${item}`);
          },
        };
      },
    });
    progress.clear();
    const written = await writeReport(options.output, data);
    for (const { name, left } of data.runs)
      for (const what of left) console.say(`note: ${name}: left out: ${what}`);
    console.out(written.page);
    console.say(
      `${written.figures} figures and ${written.tables} tables, also in ${written.folder}/ (data.json, tables/, figures/)`,
    );
  } finally {
    progress.clear();
    engine?.close();
  }
}

/** Reads each for the run at hand. Throws UsageError for one that no run can have. */
async function addedItems(texts: readonly string[]): Promise<(bound: BoundExperiment) => ReportIR[]> {
  const { parseReportItem } = await import('../../compiler/index.js');
  return (bound) =>
    texts.flatMap((text) => {
      const { items, diagnostics } = parseReportItem(text, '--add', bound);
      const [first] = diagnostics;
      if (items.length === 0 && first)
        throw new UsageError(
          `--add "${text}", for ${bound.experiment.name}: ${first.message}${first.hint === undefined ? '' : ` (${first.hint})`}`,
        );
      return items;
    });
}
