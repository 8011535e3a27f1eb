/** @file docs/operations.md, made from the table of operations. */
import { convolution } from './convolution.js';
import { elementwise } from './elementwise.js';
import { leaves } from './leaves.js';
import { linear } from './linear.js';
import { masks } from './masks.js';
import { normalization } from './normalization.js';
import { pooling } from './pooling.js';
import { reductions } from './reductions.js';
import type { OpRule } from './rule.js';
import { shapes } from './shapes.js';
import { signatures, type Signature } from './signature.js';
import { softmax } from './softmax.js';
import { updates } from './updates.js';

const FAMILIES: Readonly<Record<string, Readonly<Record<string, OpRule>>>> = {
  'Leaves and numbers': leaves,
  'Element by element': elementwise,
  Reductions: reductions,
  'Moving elements': shapes,
  'Products and codes': linear,
  Convolutions: convolution,
  'Pooling and resizing': pooling,
  'Normalisation and rectifiers': normalization,
  Softmax: softmax,
  Masks: masks,
  Updates: updates,
};

const INTRODUCTION = `# Operations of the graph IR

<!-- Made by \`npm run docs\` from compiler/ops: edit that. -->

What each operation of a [printed graph](ir.md) computes, how many operands and which attributes it takes, and whether a
gradient passes through it. Axes count from the batch, which is 0. A \`pair\` is rows, columns; \`sides\` are top, bottom,
left, right; a \`coefficient\` is an exact number such as \`<-1/10*reversal*batch^-1>\`.
`;

/** The whole page. */
export function operationsPage(): string {
  const sections = Object.entries(FAMILIES).map(
    ([title, family]) =>
      `## ${title}\n\n| operation | operands | attributes | computes | gradient |\n|---|---|---|---|---|\n${Object.entries(
        family,
      )
        .map(([name, rule]) => row(name, rule, signatures[name]!))
        .join('\n')}\n`,
  );
  return [INTRODUCTION, ...sections].join('\n');
}

function row(name: string, rule: OpRule, { operands, attrs }: Signature): string {
  const [least, most] = typeof operands === 'number' ? [operands, operands] : operands;
  const count =
    least === most ? String(least) : most === Infinity ? `${least} or more` : `${least} to ${most}`;
  const listed = Object.entries(attrs).map(([attr, kind]) => `\`${attr}\`: ${kind}`);
  return `| \`${name}\` | ${count} | ${listed.join(', ')} | ${escaped(rule.doc)} | ${escaped(gradientOf(rule))} |`;
}

function gradientOf({ vjp, closed = [] }: OpRule): string {
  if ('none' in vjp) return `none: ${vjp.none}`;
  if ('replacedBy' in vjp) return `replaced by the pass \`${vjp.replacedBy}\``;
  return closed.length === 0 ? 'yes' : `yes, but not for operand ${closed.join(', ')}`;
}

const escaped = (text: string): string => text.replaceAll('|', '\\|');
