/** @file What `npm pack` would publish: all that an installed `ed2lc` needs, and nothing that only this repository needs. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const [packed] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }),
) as [{ files: { path: string }[] }];
const paths = new Set(packed.files.map(({ path }) => path));
const { bin, exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  bin: Record<string, string>;
  exports: Record<string, Record<string, string>>;
};

test('tests, the demo and the generator of pages stay at home', () => {
  assert.equal(
    [...paths].filter((path) => /(^|\/)(test|demo)\/|^dist\/(docs|examples)\/|^docs\/.*\.ts$/.test(path)),
    [],
  );
});

test('executable, library and types are in it, and all that they import', () => {
  const entries = [...Object.values(bin), ...Object.values(exports).flatMap((entry) => Object.values(entry))];
  for (const entry of entries) assert.ok(paths.has(normalize(entry)), entry);
  for (const path of [...paths].filter((p) => /^dist\/.*\.(js|d\.ts)$/.test(p))) {
    for (const [, target] of readFileSync(path, 'utf8').matchAll(/(?:from|import\(|new URL\() ?'(\.[^']+)'/g))
      assert.ok(paths.has(join(dirname(path), target!)), `${path} imports ${target}`);
  }
});

test('the files that the executable asks for beside itself are in it', () => {
  const asked = [
    ...readFileSync('dist/bin/program.cjs', 'utf8').matchAll(/new URL\("(\.[^"]+)", placeOf\("([^"]+)"/g),
  ];
  const targets = asked.map(([, target, place]) => join('dist/bin', dirname(place!), target!));
  assert.ok(targets.length > 0);
  for (const target of targets) assert.ok(paths.has(target), target);
});

test('what the README and the pages link to is in it', () => {
  for (const page of [...paths].filter((path) => path.endsWith('.md')))
    for (const [, target] of readFileSync(page, 'utf8').matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)) {
      const path = join(dirname(page), target!);
      assert.ok(
        [...paths].some((p) => p === path || p.startsWith(`${path.replace(/\/$/, '')}/`)),
        `${page} links to ${target}`,
      );
    }
});

test.run();
