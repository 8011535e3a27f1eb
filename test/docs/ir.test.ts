/** @file docs/ir.md shows what this version prints: its examples are made from its model, and its graphs parse back. `UPDATE_GOLDENS=1` rewrites them. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseGraph } from '../../compiler/graph/parse.js';
import { printGraph } from '../../compiler/graph/print.js';
import { verifyGraph } from '../../compiler/graph/verify.js';
import { printModel } from '../../compiler/model/print.js';
import { makePlan } from '../../compiler/plan/make-plan.js';
import { compileStep } from '../../compiler/program.js';
import { adjointReport } from '../../compiler/routing/report.js';
import { cpu } from '../../compiler/targets/cpu.js';
import { fencesOf, readPage, rewriteBlocks } from '../support/pages.js';
import { checkText, modelOf } from '../support/specs.js';

const PAGE = 'docs/ir.md';
const [source] = fencesOf(readPage(PAGE), 'ed2l');
const model = modelOf(checkText(source!.body), 'small');
const [stage] = model.stages;
const step = compileStep(model, stage!, stage!.steps[0]!, { verify: true });

const linesOf = (text: string, wanted: RegExp): string =>
  text
    .split('\n')
    .filter((line) => wanted.test(line))
    .join('\n');

const backward = (text: string): string => text.split('\n').slice(step.forward.nodes.length).join('\n');

const EXAMPLES: Readonly<Record<string, () => string>> = {
  forward: () => printGraph(step.forward),
  differentiated: () => linesOf(backward(printGraph(step.differentiated.graph)), /^%/),
  update: () => {
    const { value } = step.graph.outputs.find((o) => o.role === 'state' && o.name === 'head.bias')!;
    return linesOf(printGraph(step.graph), new RegExp(`path: "head.bias"|^%${value}:|^state head.bias`));
  },
  model: () => printModel(model).split('\ngraph\n')[0]!,
  report: () => adjointReport(model, stage!, step),
  plan: () =>
    makePlan(step.graph, cpu)
      .instructions.filter(({ kernel }) => !kernel.startsWith('@'))
      .slice(0, 4)
      .map((instruction) => JSON.stringify(instruction))
      .join('\n'),
};

for (const [name, produce] of Object.entries(EXAMPLES)) {
  rewriteBlocks(PAGE, 'ir', (rest) => (rest === name ? produce() : undefined));
  test(`the example ${name} is what is printed`, () => {
    const [fence] = readPage(PAGE).fences.filter((f) => f.words[1] === 'ir' && f.words[2] === name);
    assert.fixture(fence!.body.trimEnd(), produce().trimEnd());
  });
}

test('every example on the page is made here', () => {
  const named = readPage(PAGE)
    .fences.filter((f) => f.words[1] === 'ir')
    .map((f) => f.words[2]);
  assert.equal(named.sort(), Object.keys(EXAMPLES).sort());
});

test('the forward graph on the page, with the backward nodes below it, parses back to the graphs of the model', () => {
  const [forward, differentiated] = ['forward', 'differentiated'].map(
    (name) => readPage(PAGE).fences.find((f) => f.words[2] === name)!.body,
  ) as [string, string];
  assert.is(printGraph(parseGraph(forward)), printGraph(step.forward));
  const nodes = linesOf(forward, /^%/);
  const whole = parseGraph(`${nodes}\n${differentiated}`);
  assert.equal(verifyGraph(whole), []);
  assert.is(printGraph(whole), `${linesOf(printGraph(step.differentiated.graph), /^%/)}\n`);
});

test('the page names every role, clause and element type that the parser knows', () => {
  const text = readFileSync(PAGE, 'utf8');
  for (const word of ['"loss" | "value" | "predict" | "state" | "gradient"', '("f32" | "i32" | "bool")'])
    assert.ok(text.includes(word), word);
  for (const clause of ['in', 'as', 'from', 'for', 'at']) assert.ok(text.includes(`" ; ${clause} "`), clause);
});

test.run();
