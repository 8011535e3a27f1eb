/** @file Small models as text: a rule is tested with the few lines it needs, the rest is filled in. */
import { checkText } from './specs.js';
import type { Checked } from '../../compiler/check/check.js';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.js';

/** Declarations that every small model has unless `lines` replace them: an image, a label, a group, its output, a loss and a training. */
const USUAL = {
  x: 'input x : image[8, 8, 2]',
  y: 'label y : class[3]',
  g: 'group g = flatten() |> dense(3)',
  z: 'z = g(x)',
  l: 'loss l = cross_entropy(z, y) updates g',
  train: 'train { minimize l using sgd(0.1) }',
} as const;

/** A model `m` of the given member lines and the usual ones of the names they do not declare. `before` stands above it. */
export function small(lines: string, before = ''): string {
  const declares = (name: string): boolean =>
    new RegExp(
      name === 'train' ? /^\s*train\b/m : `^\\s*((input|label|group|loss|hyper)\\s+)?${name}\\s*[:={]`,
      'm',
    ).test(lines);
  const usual = Object.entries(USUAL).flatMap(([name, line]) => (declares(name) ? [] : [line]));
  return `${before}\nmodel m {\n${[...usual, lines].join('\n')}\n}\n`;
}

export const checkSmall = (lines: string, before = ''): Checked => checkText(small(lines, before));

/** `ED3009 at «0»`: code and the text it points to, in order. */
export function found(checked: Checked): string[] {
  return checked.diagnostics.map((d) => `${d.code} ${textOf(checked, d)}`);
}

export function textOf(checked: Checked, { span }: Pick<Diagnostic, 'span'>): string {
  const text = checked.sources.find((s) => s.name === span.source)?.text ?? '';
  return text.slice(span.start, span.end);
}
