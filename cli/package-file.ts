/** @file Files that are published beside the code: specs and examples. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `path`: from the root of this package, wherever in it this code has been put. Throws if the package was published without it. */
export function packageFile(path: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, path))) {
    if (folder === dirname(folder)) throw new Error(`the package has no ${path}`);
    folder = dirname(folder);
  }
  return join(folder, path);
}
