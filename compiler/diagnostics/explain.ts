/** @file `ed2lc explain CODE`: the text of one code for a terminal. */
import { CODES } from './codes/index.js';
import { shownExample, type CodeText } from './code-text.js';

const WIDTH = 80;

/** The text of a code, written in any case; undefined if there is no such code. Ends with a line break. */
export function explain(code: string): string | undefined {
  const text = CODES.find((entry) => entry.code === code.trim().toUpperCase());
  return text && explanationOf(text);
}

function explanationOf({ code, title, explanation, wrong, right, others }: CodeText): string {
  const part = (heading: string, spec: string | undefined): string[] =>
    spec === undefined ? [] : [`${heading}:\n\n${indented(shownExample(spec))}`];
  return [
    `${code}: ${title}\n`,
    `${wrapped(explanation)}\n`,
    ...Object.entries(others ?? {}).flatMap(([path, spec]) => part(`In ${path}`, spec)),
    ...part('Wrong', wrong),
    ...part('Right', right),
  ].join('\n');
}

const indented = (spec: string): string => spec.replaceAll(/^(?=.)/gm, '    ');

/** Lines of at most 80 characters, unless a word is longer. */
function wrapped(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
}
