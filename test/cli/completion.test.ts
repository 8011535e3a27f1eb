/** @file Completion: the whole commander program is offered, names come from the spec, and real shells get what they ask for. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Option } from 'commander';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { candidates } from '../../cli/completion/candidates.js';
import { SHELLS, type ShellName } from '../../cli/completion/scripts.js';
import { specNames } from '../../cli/completion/spec-names.js';
import { Console } from '../../cli/console.js';
import { buildProgram } from '../../cli/program.js';
import { CODES, TRAINING_PASSES } from '../../compiler/index.js';
import { ED2LC, TINY_SPEC, workplace } from '../support/command-line.js';

const program = await buildProgram([], new Console());
const offered = (...words: string[]): string[] =>
  candidates(program, words, specNames).map(({ word }) => word);

/** With the file beside the code, `ed2lc` is a command; what is not about completion it only notes. */
const place = workplace({
  'try.ed2l': TINY_SPEC,
  'notes.txt': '',
  'runs/try_tiny-001/experiment.json': '{}',
  'bin/ed2lc': `#!/bin/sh
if [ "$1" = completion ]; then exec '${process.execPath}' '${ED2LC}' "$@"; fi
printf '%s\\n' "$*" > "$NOTED.part" && mv "$NOTED.part" "$NOTED"
`,
});
chmodSync(join(place.path, 'bin/ed2lc'), 0o755);
test.after(() => place.remove());

/** With the words that lead to each. */
const commands = (of: Command, before: readonly string[] = []): [words: string[], command: Command][] =>
  of.commands.flatMap((command) => {
    const words = [...before, command.name()];
    return [[words, command] as [string[], Command], ...commands(command, words)];
  });

test('every command and every option is offered, with what it is for', () => {
  assert.equal(
    offered('').filter((word) => word !== 'help'),
    program.commands.map((command) => command.name()),
  );
  for (const [words, command] of commands(program)) {
    const long = (option: Option): string => option.long ?? option.short!;
    const all = [...command.options, ...program.options].map(long);
    assert.equal(new Set([...all, '--help']), new Set(offered(...words, '-')), command.name());
    for (const option of command.options) {
      const [found] = candidates(program, [...words, long(option)], specNames);
      assert.is(found!.about, option.description.split('\n')[0]);
      if (option.argChoices) {
        assert.equal(offered(...words, long(option), ''), option.argChoices);
        const [first] = option.argChoices;
        assert.ok(offered(...words, `${long(option)}=`).includes(`${long(option)}=${first}`));
      }
    }
    for (const argument of command.registeredArguments)
      if (argument.argChoices) assert.ok(offered(...words, '').includes(argument.argChoices[0]!));
  }
});

test('commands of a command, and the data of a spec', () => {
  assert.equal(
    offered('data', '').filter((word) => word !== 'help'),
    ['inspect'],
  );
  const here = process.cwd();
  process.chdir(place.path);
  try {
    assert.equal(offered('data', 'inspect', 'try.ed2l', ''), ['faces']);
  } finally {
    process.chdir(here);
  }
});

test('a value is expected where an option takes one, and nothing but arguments after --', () => {
  assert.equal(offered('run', '--seed', ''), []);
  assert.equal(offered('run', '--verbose', '--eng'), ['--engine']);
  assert.equal(offered('run', '--', '-'), []);
  assert.equal(offered('compile', '--print-after', ''), [...TRAINING_PASSES.map((p) => p.name), 'all']);
  assert.equal(
    offered('explain', ''),
    CODES.map(({ code }) => code),
  );
});

test('names come from the spec that the line names, or from the one here; files are those that fit', async () => {
  const ask = async (...words: string[]): Promise<string[]> =>
    (await place.ed2lc(['completion', 'zsh', '--', ...words])).stdout
      .split('\n')
      .filter((line) => line !== '');
  assert.equal(await ask('run', '--experiment', ''), ['try_tiny']);
  assert.equal(await ask('routes', 'try.ed2l', '--model='), ['--model=tiny']);
  assert.equal(await ask('compile', '--set', 'r'), ['rate=']);
  assert.equal(await ask('check', 't'), ['try.ed2l']);
  assert.equal(await ask('eval', ''), ['runs/try_tiny-001']);
  assert.equal(await ask('run', 'none.ed2l', '--experiment', ''), []);
});

const environment = {
  ...process.env,
  PATH: `${join(place.path, 'bin')}:${process.env['PATH']}`,
  HOME: place.path,
  NOTED: join(place.path, 'noted'),
};

/** Where the shell is not installed, the test says so and passes. */
function inShell(shell: ShellName, name: string, body: () => void): void {
  const there = spawnSync(shell, ['-c', ':']).error === undefined;
  test(
    there ? `${shell}: ${name}` : `${shell} is not installed, so not tried`,
    there ? body : () => undefined,
  );
}

function lines(shell: ShellName, script: string): string[] {
  const bare = { bash: ['--norc', '-c'], zsh: ['-f', '-c'], fish: ['--no-config', '-c'] }[shell];
  const { status, stdout, stderr } = spawnSync(shell, [...bare, script], {
    cwd: place.path,
    env: environment,
    encoding: 'utf8',
  });
  assert.is(status, 0, stderr);
  assert.is(stderr, '');
  return stdout.split('\n').filter((line) => line !== '');
}

inShell('bash', 'answers in COMPREPLY, word breaks at = and all', () => {
  const ask = (...words: string[]): string => `
    COMP_WORDS=(ed2lc ${words.map((word) => `'${word}'`).join(' ')})
    COMP_CWORD=${words.length}
    _ed2lc
    echo "\${COMPREPLY[*]}"`;
  const asked = [
    ask('rou'),
    ask('run', '--engine', ''),
    ask('run', '--engine', '=', 'w'),
    ask('run', '--set', 'r'),
    ask('run', '--experiment', ''),
  ];
  assert.equal(lines('bash', `source <(ed2lc completion bash)\n${asked.join('\n')}`), [
    'routes',
    'auto onednn tensorflow wasm cpu',
    'wasm',
    'rate=',
    'try_tiny',
  ]);
});

inShell('zsh', 'completes at the keyboard', () => {
  // A terminal of zsh's own; what is typed is read one key after the other, so no time matters.
  const [noted] = lines(
    'zsh',
    `zmodload zsh/zpty
    zpty keyboard zsh -f -i
    zpty -w keyboard 'autoload -Uz compinit; compinit -u -D; source <(ed2lc completion zsh)'
    zpty -w -n keyboard $'ed2lc run --engi\\twa\\t--set r\\t1\\r'
    repeat 600 { [[ -e $NOTED ]] && break; zpty -r -t keyboard > /dev/null; sleep 0.1 }
    cat $NOTED; zpty -d keyboard`,
  );
  assert.is(noted, 'run --engine wasm --set rate=1');
});

inShell('fish', 'lists words and what they are for', () => {
  const script = `ed2lc completion fish | source
    complete -C 'ed2lc rou'
    complete -C 'ed2lc run --engine '
    complete -C 'ed2lc run --engine=w'
    complete -C 'ed2lc check t'`;
  assert.equal(lines('fish', script), [
    `routes\t${program.commands.find((c) => c.name() === 'routes')!.description()}`,
    'auto',
    'cpu',
    'onednn',
    'tensorflow',
    'wasm',
    '--engine=wasm',
    'try.ed2l',
  ]);
});

test('the help says how to install each script, and the script alone is data', async () => {
  const { stdout } = await place.ed2lc(['completion', '--help']);
  for (const [shell, { install, script }] of Object.entries(SHELLS)) {
    assert.ok(stdout.includes(install));
    assert.is((await place.ed2lc(['completion', shell])).stdout, script);
  }
  assert.is((await place.ed2lc(['completion', 'powershell'])).code, 2);
  assert.not.ok(existsSync(join(place.path, '.ed2l')));
});

test.run();
