/**
 * @file Markdown pages as tests see them: fenced blocks with the words behind their opening fence, and the texts that fragments stand in.
 * `<!-- in NAME` … `-->` holds a text in which the line `...` stands for a fragment marked `in NAME`.
 */
import { readFileSync, writeFileSync } from 'node:fs';

export interface Fence {
  /** Words behind the opening fence; the first is the language. */
  readonly words: readonly string[];
  readonly body: string;
  /** Of the opening fence, from 1. */
  readonly line: number;
}

export interface Page {
  readonly path: string;
  readonly text: string;
  readonly fences: readonly Fence[];
}

export function readPage(path: string): Page {
  const text = readFileSync(path, 'utf8');
  const fences = [...text.matchAll(/^```(\S.*)\n([\s\S]*?)^```$/gm)].map((match): Fence => ({
    words: match[1]!.trim().split(/\s+/),
    body: match[2]!,
    line: text.slice(0, match.index).split('\n').length,
  }));
  return { path, text, fences };
}

/** The fences whose first words are `words`. */
export const fencesOf = (page: Page, ...words: readonly string[]): Fence[] =>
  page.fences.filter((fence) => words.every((word, i) => fence.words[i] === word));

/** A fragment put where its page says it stands; a fence without `in NAME` is complete. Throws for an unknown NAME. */
export function completed(page: Page, fence: Fence): string {
  const name = fence.words[fence.words.indexOf('in') + 1];
  if (!fence.words.includes('in')) return fence.body;
  const around = new RegExp(`^<!-- in ${name}\\n([\\s\\S]*?)^-->$`, 'm').exec(page.text)?.[1];
  if (around === undefined) throw new Error(`${page.path}:${fence.line}: nothing is called ${name} here`);
  return around.replace(/^ *\.\.\.\n/m, () => fence.body);
}

/**
 * With `UPDATE_GOLDENS=1`, puts what `produce` gives for its further words into every block `text KIND …` of the page.
 * Undefined leaves a block as it is. Refused when CI is set.
 */
export function rewriteBlocks(
  path: string,
  kind: string,
  produce: (rest: string) => string | undefined,
): void {
  if (!process.env['UPDATE_GOLDENS']) return;
  if (process.env['CI']) throw new Error('goldens are never rewritten in CI');
  const blocks = new RegExp(`^(\`\`\`(?:text|json) ${kind} (.+)\\n)[\\s\\S]*?^\`\`\`$`, 'gm');
  const text = readFileSync(path, 'utf8').replace(blocks, (block, open: string, rest: string) => {
    const produced = produce(rest);
    return produced === undefined ? block : `${open}${produced.trimEnd()}\n\`\`\``;
  });
  writeFileSync(path, text);
}
