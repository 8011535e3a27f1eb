/** @file `npm run docs`: writes the pages that are made from the code. */
import { writeFileSync } from 'node:fs';
import { GENERATED } from './generated.js';

for (const [path, text] of Object.entries(GENERATED)) {
  writeFileSync(path, text());
  process.stdout.write(`${path}\n`);
}
