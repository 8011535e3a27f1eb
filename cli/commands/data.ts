/** @file `ed2lc data inspect`: what the data of a spec holds, what is wrong with it, and the lines to paste from that. */
import type { Command } from 'commander';
import type { Checked, DataIR } from '../../compiler/index.js';
import { cacheDirectory } from '../cache-directory.js';
import { checkSpec } from '../check-spec.js';
import type { Console } from '../console.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failures.js';
import { findSpec } from '../find-spec.js';
import { Progress } from '../progress.js';

interface InspectOptions {
  readonly all?: boolean;
  readonly json?: boolean;
  /** A folder for contact sheets. */
  readonly sheet?: string;
}

export function registerData(program: Command, console: Console): void {
  const data = program.command('data').description('look at the data of a spec');
  data
    .command('inspect')
    .description('count classes, people and folds; name what is damaged, left out or there twice')
    .argument('[spec]', 'a file (default: the spec of this directory)')
    .argument('[data]', 'the name of a data block (default: all)')
    .option('--all', 'list everybody and everything, not the first ten')
    .option('--json', 'all of it as JSON')
    .option(
      '--sheet <folder>',
      'write a contact sheet of each: NAME.png, a row per person, a column per class',
    )
    .action(async (spec: string | undefined, name: string | undefined, options: InspectOptions) => {
      const blocks = blocksOf(checkSpec(findSpec(spec), {}, console), name);
      const usable = await inspectAll(blocks, options, console);
      if (!usable) process.exitCode = EXIT.data;
    });
}

/** The data blocks of the file, and those of its experiments. Throws UsageError. */
function blocksOf(checked: Checked, name: string | undefined): DataIR[] {
  const blocks = new Map(checked.data);
  for (const { stages, testData } of checked.experiments)
    for (const data of [...stages.map((stage) => stage.data), ...(testData ? [testData] : [])])
      blocks.set(data.name, data);
  if (name === undefined && blocks.size > 0) return [...blocks.values()];
  const found = name === undefined ? undefined : blocks.get(name);
  if (found) return [found];
  const known = [...blocks.keys()].join(', ');
  throw new UsageError(
    name === undefined || known === ''
      ? `${checked.entry} has no data block`
      : `${checked.entry} has no data block ${name}; it has ${known}`,
  );
}

/** False if some of them cannot be used; the others are shown all the same. */
async function inspectAll(
  blocks: readonly DataIR[],
  { all = false, json = false, sheet }: InspectOptions,
  console: Console,
): Promise<boolean> {
  const { DataError, inspect, prepare, writeSheet } = await import('../../runtime/index.js');
  const { formatInspection } = await import('../inspection.js');
  const progress = new Progress(console, 'auto');
  const results: object[] = [];
  let usable = true;
  for (const data of blocks) {
    try {
      const dataset = await prepare(data, {
        cacheDir: cacheDirectory(),
        baseDir: '.',
        onProgress: (done, total) => progress.preparing(data.name, done, total),
        onNote: (text, about) => {
          // What was left out is shown below.
          if (about !== 'images') console.say(`note: ${text}`);
        },
      });
      progress.clear();
      const found = inspect(dataset, data);
      results.push(found);
      if (!json) console.out(`${results.length > 1 ? '\n' : ''}${formatInspection(found, data, all)}`);
      const file = sheet === undefined ? undefined : await writeSheet(sheet, dataset);
      if (!json && file !== undefined) console.out(`  contact sheet: ${file}`);
    } catch (error) {
      progress.clear();
      if (!(error instanceof DataError)) throw error;
      usable = false;
      results.push({ name: data.name, error: error.message, items: error.items });
      if (json) continue;
      const what = error.message.replace(`${data.name}: `, '');
      console.complain(`error: data ${data.name} cannot be used: ${what}`);
      if (all && error.items.length > 0) console.complain(error.items.map((item) => `  ${item}`).join('\n'));
    }
  }
  if (json) console.out(JSON.stringify(results, null, 2));
  return usable;
}
