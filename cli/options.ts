/** @file Options that several commands share, and how their values are read. */
import { InvalidArgumentError, Option, type Command } from 'commander';

export type Settings = Readonly<Record<string, string>>;

/** `--set name=value`, repeatable. */
export function withSettings(command: Command): Command {
  return command.addOption(
    new Option('--set <name=value>', 'give a hyper a new expression (repeatable)')
      .argParser((text: string, before: Settings): Settings => {
        const [, name, value] = /^\s*([A-Za-z_]\w*)\s*=(.+)$/s.exec(text) ?? [];
        if (name === undefined || value === undefined)
          throw new InvalidArgumentError('Write name=value, such as margin=0.2.');
        return { ...before, [name]: value.trim() };
      })
      .default({}, 'what the spec says'),
  );
}

/** How often a training is saved, and how it is shown. */
export function withSaving(command: Command): Command {
  return command
    .option(
      '--checkpoint-every <minutes>',
      'save so often; 0: after each iteration (default: at the ends of epochs and every two minutes, if it costs little)',
      readMinutes,
    )
    .addOption(
      new Option('--progress <style>', 'how progress is shown')
        .choices(['auto', 'bar', 'plain', 'none'])
        .default('auto'),
    );
}

export interface EngineOptions {
  readonly engine: 'auto' | 'onednn' | 'tensorflow' | 'wasm' | 'cpu';
  readonly threads?: number;
  /** Bytes. */
  readonly memory?: number;
}

export const engineOption = (): Option =>
  new Option('--engine <name>', 'where kernels run')
    .choices(['auto', 'onednn', 'tensorflow', 'wasm', 'cpu'])
    .default('auto');

/** `memory`: what it bounds. */
export function withEngine(
  command: Command,
  memory = 'what tensors may take at most, with what kernels of onednn work in (default: what there is)',
): Command {
  return command
    .addOption(engineOption())
    .option(
      '--threads <n>',
      'threads of every engine but cpu (default: the cores of this machine)',
      wholeFrom(1),
    )
    .option('--memory <GiB>', memory, readGib);
}

function readGib(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError('Write gibibytes, such as 4 or 0.5.');
  return Math.round(Number(text) * 2 ** 30);
}

/** A reader of whole numbers of at least `least`. */
export const wholeFrom =
  (least: number) =>
  (text: string): number => {
    if (!/^\d+$/.test(text) || Number(text) < least || !Number.isSafeInteger(Number(text)))
      throw new InvalidArgumentError(`Write a whole number of at least ${least} (and below 2^53).`);
    return Number(text);
  };

/** `2` or `1,3` */
export const readList = (text: string): readonly number[] => [...new Set(text.split(',').map(wholeFrom(0)))];

/** Numbers from 1, or all. */
export function readFolds(text: string): readonly number[] | 'all' {
  return text === 'all' ? text : [...new Set(text.split(',').map(wholeFrom(1)))];
}

function readMinutes(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('Write minutes, such as 5 or 0.5.');
  return Number(text);
}
