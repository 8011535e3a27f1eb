/** @file What may stand where a command line breaks off, read off the commander program itself: a new command or option is offered as it is. */
import type { Argument, Command, Option } from 'commander';
import { filesAt, foldersAt, runsAt } from './paths.js';
import type { SpecNames } from './spec-names.js';

export interface Candidate {
  /** Ends in `/` or `=` where more has to follow. */
  readonly word: string;
  /** One line; may be empty. */
  readonly about: string;
}

/** Of the spec that the line names, or that its command would take. Asked for only where a name can stand. */
export type NamesOf = (spec: string | undefined) => SpecNames;

/** `words`: after `ed2lc`; the last one is being written, and may be empty. */
export function candidates(program: Command, words: readonly string[], namesOf: NamesOf): Candidate[] {
  const current = words.at(-1) ?? '';
  const { command, positionals, pending, literal } = follow(program, words.slice(0, -1));
  const names = (): SpecNames => namesOf(positionals.find((word) => word.endsWith('.ed2l')));
  const found = ((): Candidate[] => {
    if (pending) return valuesOf(pending, current, names);
    if (!literal && current.startsWith('-')) {
      const [, flag, value] = /^(--[^=]+)=(.*)$/s.exec(current) ?? [];
      const option = optionsOf(command).find((o) => o.long === flag);
      if (option === undefined) return optionsOf(command).map(asCandidate);
      return valuesOf(option, value!, names).map(({ word, about }) => ({ word: `${flag}=${word}`, about }));
    }
    const help = program.createHelp();
    if (command.commands.length > 0 || command.name() === 'help')
      return help
        .visibleCommands(command.name() === 'help' ? program : command)
        .map((c) => ({ word: c.name(), about: firstLine(c.summary() || c.description()) }));
    const { registeredArguments: all } = command;
    const argument = all[positionals.length] ?? (all.at(-1)?.variadic ? all.at(-1) : undefined);
    return argument ? valuesOf(argument, current, names) : [];
  })();
  return found.filter(({ word }) => word.startsWith(current));
}

interface Followed {
  readonly command: Command;
  readonly positionals: readonly string[];
  /** An option whose value comes next. */
  readonly pending: Option | undefined;
  /** `--` has been said: what follows are no options. */
  readonly literal: boolean;
}

function follow(program: Command, words: readonly string[]): Followed {
  let command = program;
  let pending: Option | undefined;
  let literal = false;
  const positionals: string[] = [];
  for (const word of words) {
    if (pending) pending = undefined;
    else if (word === '--') literal = true;
    else if (!literal && word.startsWith('-')) {
      const option = optionsOf(command).find(({ long, short }) => word === long || word === short);
      if (option && takesValue(option)) pending = option;
    } else {
      const inner = program
        .createHelp()
        .visibleCommands(command)
        .find((c) => c.name() === word || c.aliases().includes(word));
      if (inner && positionals.length === 0) command = inner;
      else positionals.push(word);
    }
  }
  return { command, positionals, pending, literal };
}

const takesValue = ({ required, optional }: Option): boolean => required || optional;

/** Its own, and those that every command has. */
function optionsOf(command: Command): Option[] {
  const help = command.createHelp();
  help.showGlobalOptions = true;
  return [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)];
}

const asCandidate = ({ long, short, description }: Option): Candidate => ({
  word: long ?? short!,
  about: firstLine(description),
});

const firstLine = (text: string): string => text.split('\n')[0]!;

/** By its choices, else by what it is called: an option by its own name, an argument by its placeholder. */
function valuesOf(of: Option | Argument, current: string, names: () => SpecNames): Candidate[] {
  if (of.argChoices) return plain(of.argChoices);
  const [, placeholder = of.name()] = 'flags' in of ? (/[<[]([^>\]]+)[>\]]/.exec(of.flags) ?? []) : [];
  for (const kind of [of.name(), placeholder.replace('...', '')]) {
    const values = VALUES[kind];
    if (values) return values(current, names);
  }
  return NUMBERS.test(placeholder) ? [] : plain(filesAt(current, () => true));
}

const VALUES: Readonly<Record<string, (current: string, names: () => SpecNames) => Candidate[]>> = {
  spec: (current) => plain(filesAt(current, (name) => name.endsWith('.ed2l'))),
  specs: (current) => plain(filesAt(current, (name) => name.endsWith('.ed2l'))),
  folder: (current) => plain(foldersAt(current)),
  run: (current) => plain(runsAt(current)),
  code: (_, names) => names().codes.map(({ code, title }) => ({ word: code, about: title })),
  experiment: (_, names) => plain(names().experiments),
  only: (_, names) => {
    const { experiments, models } = names();
    return plain(experiments.length > 0 ? experiments : models);
  },
  data: (_, names) => plain(names().data),
  model: (_, names) => plain(names().models),
  set: (_, names) => plain(names().hypers.map((hyper) => `${hyper}=`)),
};

/** Placeholders of values that nobody can list. */
const NUMBERS = /^(n|n\|all|k\/n|HxW|task)$/;

const plain = (words: readonly string[]): Candidate[] => words.map((word) => ({ word, about: '' }));
