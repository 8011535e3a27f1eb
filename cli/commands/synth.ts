/** @file `ed2lc synth`: synthetic faces as image files, to look at and to train on with `source folder(…)`. */
import { writeFile } from 'node:fs/promises';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { DataIR } from '../../compiler/index.js';
import { cacheDirectory } from '../cache-directory.js';
import type { Console } from '../console.js';
import { wholeFrom } from '../options.js';
import { Progress } from '../progress.js';

interface SynthOptions {
  readonly people: number;
  readonly preset: 'easy' | 'medium' | 'hard';
  readonly seed: number;
  readonly size?: readonly [number, number];
  readonly sheet?: string;
}

export function registerSynth(program: Command, console: Console): void {
  program
    .command('synth')
    .description('write synthetic faces as images: FOLDER/person/class/NN.png')
    .argument('<folder>', 'a new folder')
    .option('--people <n>', 'how many people; each shows 7 expressions 4 times', wholeFrom(1), 12)
    .addOption(
      new Option('--preset <name>', 'how hard they are to read')
        .choices(['easy', 'medium', 'hard'])
        .default('medium'),
    )
    .option('--seed <n>', 'other people for another number', wholeFrom(0), 1)
    .option('--size <HxW>', 'height and width in pixels (default: 128x110)', readSize)
    .option('--sheet <file>', 'also a picture of the first twelve people as PNG')
    .action(async (folder: string, options: SynthOptions) => {
      const { contactSheet, prepare, writeFaces } = await import('../../runtime/index.js');
      const progress = new Progress(console, 'auto');
      const dataset = await prepare(dataOf(options), {
        cacheDir: cacheDirectory(),
        baseDir: '.',
        onProgress: (done, total) => progress.preparing('faces', done, total),
        onNote: (text) => console.say(`note: ${text}`),
      });
      const count = await writeFaces(folder, dataset, (done, total) =>
        progress.preparing('files', done, total),
      );
      progress.clear();
      console.say(`wrote ${count} images of ${options.people} people to ${folder}`);
      if (options.sheet !== undefined) {
        await writeFile(options.sheet, await contactSheet(dataset));
        console.say(`wrote ${options.sheet}`);
      }
      console.say(`next: source folder("${folder}", pattern: "subject/class") in a data block`);
    });
}

function readSize(text: string): readonly [number, number] {
  const [, height, width] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  if (!Number(height) || !Number(width))
    throw new InvalidArgumentError('Write height and width, such as 64x56.');
  return [Number(height), Number(width)];
}

function dataOf({ people, preset, seed, size }: SynthOptions): DataIR {
  return {
    name: 'faces',
    source: { kind: 'synthetic_faces', people, preset, seed },
    classes: null,
    resize: size ?? null,
    color: 'gray',
    pixels: { mean: 127.5, by: 128 },
    crops: null,
    augment: [],
    balance: 'none',
    folds: null,
    span: { source: 'synth', start: 0, end: 0 },
  };
}
