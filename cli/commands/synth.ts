/** @file `ed2lc synth`: synthetic faces as image files, to look at and to train on with `source folder(…)`. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { LayoutName } from '../../runtime/index.js';
import type { Console } from '../console.js';
import { UsageError } from '../failures.js';
import { wholeFrom } from '../options.js';
import { Progress } from '../progress.js';

interface SynthOptions {
  readonly people: number;
  readonly preset: 'easy' | 'medium' | 'hard';
  readonly seed: number;
  readonly size?: readonly [number, number];
  readonly layout?: LayoutName;
}

export function registerSynth(program: Command, console: Console): void {
  program
    .command('synth')
    .description('write synthetic faces: FOLDER/person/class/N.png, contact-sheet.png and truth.json')
    .argument('<folder>', 'a new or empty folder')
    .option('--people <n>', 'how many people; each shows 7 expressions 4 times', wholeFrom(1), 12)
    .addOption(
      new Option('--preset <name>', 'how hard they are to read')
        .choices(['easy', 'medium', 'hard'])
        .default('medium'),
    )
    .option('--seed <n>', 'other people for another number', wholeFrom(0), 1)
    .addOption(
      new Option(
        '--layout <name>',
        'as the files of a published database lie, in miniature, with its irregularities',
      ).choices(['ck_plus', 'mmi', 'bu_3dfe', 'oulu_casia', 'fer2013']),
    )
    .option('--size <HxW>', 'height and width in pixels (default: 128x110)', readSize)
    .action(async (folder: string, options: SynthOptions) => {
      const { writeFaces, writeLayout } = await import('../../runtime/index.js');
      const progress = new Progress(console, 'auto');
      const { layout, people } = options;
      if (layout) {
        if (options.size) throw new UsageError('--size is for faces in folders: a layout has its own sizes');
        const images = await writeLayout(folder, { ...options, layout }, (step, done, total) =>
          progress.preparing(step === 'drawing' ? 'people' : 'files', done, total),
        );
        progress.clear();
        console.say(`wrote ${images} images of ${people} people to ${folder}, laid out as ${layout}`);
        console.say(`next: source ${layout}("${folder}") in a data block`);
        return;
      }
      const { images } = await writeFaces(folder, options, (step, done, total) =>
        progress.preparing(step === 'drawing' ? 'people' : 'files', done, total),
      );
      progress.clear();
      console.say(`wrote ${images} images of ${options.people} people to ${folder}`);
      console.say(`next: source folder("${folder}", pattern: "subject/class") in a data block`);
    });
}

function readSize(text: string): readonly [number, number] {
  const [, height, width] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  if (!Number(height) || !Number(width))
    throw new InvalidArgumentError('Write height and width, such as 64x56.');
  return [Number(height), Number(width)];
}
