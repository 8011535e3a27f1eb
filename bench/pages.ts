/** @file Where the committed results stand on pages: between `<!-- made from FILE -->` and `<!-- until here -->`. */
import { existsSync, readFileSync } from 'node:fs';
import type { Results } from './results.js';
import { formatResults, formatShort } from './table.js';

/** From the root of the repository. */
const FORMATS: Readonly<Record<string, (results: Results) => string>> = {
  'README.md': formatShort,
  'docs/bench.md': formatResults,
};
export const PAGES = Object.keys(FORMATS);

const BLOCKS = /^(<!-- made from (\S+) -->\n)[\s\S]*?^(<!-- until here -->)$/gm;

/** The page with its results as its files have them now; without the file there is nothing between the marks. */
export function withResults(path: string, page = readFileSync(path, 'utf8')): string {
  return page.replaceAll(BLOCKS, (_, open: string, file: string, close: string) => {
    const text = existsSync(file)
      ? `\n${FORMATS[path]!(JSON.parse(readFileSync(file, 'utf8')) as Results)}\n\n`
      : '';
    return `${open}${text}${close}`;
  });
}
