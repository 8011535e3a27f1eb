/** @file The command line of the benchmark. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { EngineName } from '../runtime/index.js';
import { physicalCores } from '../runtime/engines/cores.js';
import { PEERS, PYTHON } from './participants.js';
import { PAPER, type Numbers } from './problem.js';

export interface Options {
  readonly engine: Exclude<EngineName, 'auto'>;
  readonly batch: readonly number[];
  /** Names; all by default. */
  readonly peers: readonly string[];
  readonly threads: number;
  readonly pairs: number;
  readonly quick: boolean;
  readonly kernels: boolean;
  readonly contended: boolean;
  readonly python: string;
  /** Numbers of the network that are not the paper's. */
  readonly set: Partial<Numbers>;
  readonly out: string;
}

/** Prints, and exits with 0 or 2, where there is nothing to run. */
export function readOptions(args: readonly string[]): Options {
  const names = PEERS.map(({ name }) => name);
  const program = new Command('bench')
    .description('The paper’s network: ours against PyTorch, tfjs by hand, and a backward pass per loss.')
    .addOption(
      new Option('--engine <name>', 'ours')
        .choices(['onednn', 'tensorflow', 'wasm', 'cpu'])
        .default('onednn'),
    )
    .addOption(new Option('--batch <sizes...>', 'batch sizes').argParser(several(whole)).default([16, 64]))
    .addOption(
      new Option('--peers <names...>', 'some of the peers only').choices(names).default(names, 'all'),
    )
    .option('--threads <n>', 'of every participant', whole, physicalCores())
    .option('--pairs <n>', 'pairs of times per measurement (default: 11; 3 if quick)', whole)
    .option('--quick', 'few pairs, no kernels, no busy process', false)
    .option('--no-kernels', 'without single kernels')
    .option('--no-contended', 'without the step beside a busy process')
    .addOption(
      new Option('--set <name=value...>', `numbers of the network: ${Object.keys(PAPER).join(', ')}`)
        .argParser(several(number))
        .default([], 'the paper’s'),
    )
    .option('--python <file>', 'with PyTorch', PYTHON)
    .option(
      '--out <file>',
      'for results (default: bench/results/ENGINE.json; a temporary file if quick or set)',
    )
    .allowExcessArguments(false)
    .exitOverride();
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exit(error.exitCode === 0 ? 0 : 2);
  }
  const given = program.opts<
    Omit<Options, 'set' | 'pairs' | 'out'> & {
      readonly set: readonly (readonly [keyof Numbers, number])[];
      readonly pairs?: number;
      readonly out?: string;
    }
  >();
  const { quick, engine, set } = given;
  return {
    ...given,
    kernels: given.kernels && !quick,
    contended: given.contended && !quick,
    set: Object.fromEntries(set),
    pairs: given.pairs ?? (quick ? 3 : 11),
    out:
      given.out ??
      (quick || set.length > 0 ? join(tmpdir(), 'ed2lc-bench.json') : `bench/results/${engine}.json`),
  };
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Write a whole number of at least 1.');
  return Number(text);
}

function number(text: string): [keyof Numbers, number] {
  const [, name = '', value = ''] = /^(\w+)=(\d+(?:\.\d+)?(?:e-?\d+)?)$/.exec(text) ?? [];
  if (!Object.hasOwn(PAPER, name)) throw new InvalidArgumentError('Write name=value, such as filters=8.');
  return [name as keyof Numbers, Number(value)];
}

/** A value read after a default one replaces it. */
function several<T>(read: (text: string) => T): (text: string, before: readonly T[]) => T[] {
  let values: T[] = [];
  return (text) => (values = [...values, read(text)]);
}
