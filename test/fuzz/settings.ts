/** @file Expressions given to hypers from outside, as `--set` does. */
import { check } from '../../compiler/check/check.js';
import { renderDiagnostics } from '../../compiler/diagnostics/render.js';
import { compileModel } from '../../compiler/program.js';
import { TINY_SPEC } from '../support/command-line.js';
import { randomFrom } from '../support/random-graph.js';
import type { Kind } from './kind.js';

const PIECES = [
  '0',
  '1',
  '-1',
  '1e-3',
  '1e308',
  '1e-320',
  '(',
  ')',
  '+',
  '-',
  '*',
  '/',
  '^',
  'progress',
  'epoch',
  'iteration',
  'rate',
  'linear(from: 0, to: 1)',
  'cosine(',
  ',',
  'exp',
  'log(0)',
  '|>',
  'as x',
  '"text"',
  'true',
  '[',
  ']',
  '#',
  '\n',
  'é',
  '\u0000',
];

export const settings: Kind = {
  name: '--set',
  async run(seed, keep) {
    const random = randomFrom(seed);
    const piece = (): string => PIECES[Math.floor(random() * PIECES.length)]!;
    const value = Array.from({ length: 1 + Math.floor(random() * 6) }, piece).join(' ');
    keep('value.txt', value);
    const checked = check('tiny.ed2l', {
      reader: () => ({ source: 'tiny.ed2l', text: TINY_SPEC }),
      set: { rate: value },
    });
    renderDiagnostics(checked.diagnostics, checked.sources, { color: false });
    const inside = checked.diagnostics.find((d) => d.code.startsWith('ED9'));
    if (inside) throw new Error(inside.message);
    for (const model of checked.models.values()) compileModel(model, { verify: true });
  },
};
