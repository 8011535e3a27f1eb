/**
 * @file Golden files: `test/golden/<area>/<case>.golden` holds a source and its results in titled sections.
 * A missing file fails and prints what it would hold; `UPDATE_GOLDENS=1` writes it, and is refused when CI is set.
 * Each name goes into the file that `GOLDENS_SEEN` names, in which the runner looks for goldens that no test asks for.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';

export const GOLDEN_ROOT = join('test', 'golden');

/** Section title → text. `source` comes first by convention. */
export type Sections = Readonly<Record<string, string>>;

/** Compares with `test/golden/<name>.golden`, or rewrites it on request. */
export function golden(name: string, sections: Sections): void {
  const path = join(GOLDEN_ROOT, `${name}.golden`);
  const seen = process.env['GOLDENS_SEEN'];
  if (seen) appendFileSync(seen, `${path}\n`);
  const text = Object.entries(sections)
    .map(([title, body]) => `--- ${title}\n${body.replaceAll('\r\n', '\n').trimEnd()}\n`)
    .join('\n');
  if (process.env['UPDATE_GOLDENS']) {
    if (process.env['CI']) throw new Error('goldens are never rewritten in CI');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return;
  }
  if (!existsSync(path))
    assert.unreachable(`no golden ${path}; with UPDATE_GOLDENS=1 it would hold:\n${text}`);
  assert.fixture(
    readFileSync(path, 'utf8'),
    text,
    `${path} differs; UPDATE_GOLDENS=1 rewrites it, then review the diff`,
  );
}
