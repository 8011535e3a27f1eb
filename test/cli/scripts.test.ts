/** @file The scripts of package.json that take options answer a wrong one in one line, with exit code 2, and `--help` with their options. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

/** By npm script: the program, a wrong value for one of its options, and an option that its help names. */
const SCRIPTS: Readonly<
  Record<string, readonly [program: string, wrong: readonly string[], option: string]>
> = {
  demo: ['cli/demo/demo.js', ['--threads', 'many'], '--all-folds'],
  rehearse: ['cli/rehearse/rehearse.js', ['--people', 'few'], '--people'],
  bench: ['bench/bench.js', ['--set', 'height=-1'], '--pairs'],
  fuzz: ['test/fuzz/fuzz.js', ['--minutes', 'x'], '--seed'],
  conformance: ['test/engines/tfjs/run.js', ['--backend', 'gpu'], '--backend'],
  disentangle: ['test/proofs/disentangle.js', ['--share', '3/2'], '--share'],
  'tensorflow:build': ['runtime/engines/tensorflow/build.js', ['--tensorflow'], '--into'],
};

for (const [name, [program, wrong, option]] of Object.entries(SCRIPTS)) {
  test(name, () => {
    const run = (...args: readonly string[]) =>
      spawnSync(process.execPath, [join('dist', program), ...args], { encoding: 'utf8' });
    for (const args of [['--bogus'], wrong]) {
      const { status, stdout, stderr } = run(...args);
      assert.is(status, 2, `${args.join(' ')}: ${stderr}`);
      assert.is(stdout, '');
      assert.match(stderr, /^error: /);
      assert.not.match(stderr, /\n\s+at |node:internal/);
    }
    const help = run('--help');
    assert.is(help.status, 0, help.stderr);
    assert.ok(help.stdout.includes(option), help.stdout);
  });
}

test.run();
