/** @file The specs of test/fixtures/specs, by file name. */
import { readdirSync, readFileSync } from 'node:fs';

const folder = 'test/fixtures/specs';

export const fixtures: readonly { readonly name: string; readonly text: string }[] = readdirSync(folder)
  .filter((name) => name.endsWith('.ed2l'))
  .sort()
  .map((name) => ({ name, text: readFileSync(`${folder}/${name}`, 'utf8') }));
