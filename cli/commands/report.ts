/** @file `ed2lc report`: what runs have shown, as one page with tables and figures, and as data. */
import type { Command } from 'commander';
import type { Console } from '../console.js';

interface ReportCommandOptions {
  readonly output: string;
  readonly rehearsal?: true;
}

export function registerReport(program: Command, console: Console): void {
  program
    .command('report')
    .description('write one page about runs: accuracies, tables, figures; and all of it as data')
    .argument('<run...>', 'run directories, such as runs/quick-001')
    .option('-o, --output <file>', 'the page; its data go into a folder beside it', 'report.html')
    .option('--rehearsal', 'stamp every page and figure "rehearsal, not evidence"')
    .action(async (directories: string[], { output, rehearsal }: ReportCommandOptions) => {
      const { reportOf, writeReport } = await import('../../runtime/index.js');
      const data = await reportOf({ directories, rehearsal: rehearsal === true });
      const written = await writeReport(output, data);
      console.out(written.page);
      console.say(
        `${written.figures} figures and ${written.tables} tables, also in ${written.folder}/ (data.json, tables/, figures/)`,
      );
    });
}
