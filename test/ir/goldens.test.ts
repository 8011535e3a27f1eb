/** @file The IRs of ED2L and its readings as they are printed, and what the paper's routes mean for them: two adjoints at the dispeller, one elsewhere. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readFileSync } from 'node:fs';
import { printGraph } from '../../compiler/graph/print.js';
import type { ModelIR, StageIR } from '../../compiler/model/ir.js';
import { printModel } from '../../compiler/model/print.js';
import { compileStep, type CompiledStep } from '../../compiler/program.js';
import { adjointReport } from '../../compiler/routing/report.js';
import { golden } from '../support/golden.js';
import { checkSpec, modelOf } from '../support/specs.js';

/** One residual unit per stage and two filters: small enough to read. */
const SMALL = {
  height: '16',
  width: '16',
  filters: '2',
  middle: '1',
  last: '1',
  features: '4',
  classes: '3',
};

const CASES = [
  ['specs/ed2l.ed2l', 'ed2l'],
  ['specs/baseline.ed2l', 'baseline'],
  ['specs/readings.ed2l', 'introduction'],
  ['specs/readings.ed2l', 'branch_only'],
  ['specs/readings.ed2l', 'unrouted'],
] as const;

function compiled(
  file: string,
  name: string,
  set: Record<string, string>,
): { model: ModelIR; stage: StageIR; step: CompiledStep } {
  const model = modelOf(checkSpec(file, set), name);
  const [stage] = model.stages as [StageIR];
  return { model, stage, step: compileStep(model, stage, stage.steps[0]!, { verify: true }) };
}

for (const [file, name] of CASES) {
  const small = compiled(file, name, SMALL);
  const full = compiled(file, name, {});

  test(`${name}: typed IR, training graph and adjoints are as they were reviewed`, () => {
    golden(`ir/${name}`, {
      source: readFileSync(file, 'utf8'),
      set: Object.entries(SMALL)
        .map(([hyper, value]) => `${hyper}=${value}`)
        .join(' '),
      'adjoints at full size': adjointReport(full.model, full.stage, full.step),
      adjoints: adjointReport(small.model, small.stage, small.step),
      model: printModel(small.model),
      'training graph': printGraph(small.step.graph),
    });
  });

  test(`${name}: two adjoints on the way from the dispeller's logits to its losses, one everywhere else`, () => {
    for (const { step } of [small, full]) {
      const { forward, differentiated } = step;
      const doubled = forward.nodes.filter(
        (n) => (differentiated.demand.carriers.get(n.outputs[0]!)?.length ?? 0) > 1,
      );
      const routed = !['baseline', 'unrouted'].includes(name);
      assert.equal(
        doubled.map((n) => n.name ?? n.op),
        routed ? ['matmul', 'z_p'] : [],
      );
      for (const n of doubled) assert.is(differentiated.demand.carriers.get(n.outputs[0]!)!.length, 2);
      assert.ok(doubled.every((n) => n.group === 'dispeller'));
    }
  });
}

/** How often each operation stands in the backward part of a group, with its attributes and types. */
function backward(step: CompiledStep, groups: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  const type = (id: number): string => JSON.stringify(step.graph.values[id]);
  for (const node of step.differentiated.graph.nodes.slice(step.forward.nodes.length)) {
    if (!groups.includes(node.group ?? '')) continue;
    const key = `${node.piece ?? node.group} ${node.op} ${node.outputs.map(type).join()}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

test('base and branches carry exactly the operations of one loss that updates everything', () => {
  const routed = compiled('specs/ed2l.ed2l', 'ed2l', {});
  const losses = routed.model.losses;
  const everything = routed.model.groups.map((g) => ({ ...losses[0]!.route[0]!, group: g.name }));
  const model: ModelIR = { ...routed.model, losses: losses.map((l) => ({ ...l, route: everything })) };
  // The same three terms in one loss: every group wants the same of each.
  const single = compileStep(model, routed.stage, routed.step.step, { verify: true });
  const reached = ['base', 'distiller', 'classifier', 'dispelling'];
  const expected = backward(single, reached);
  assert.ok(expected.size > 100);
  assert.equal(backward(routed.step, reached), expected);
  // Where the routes part there is more: one product with the dispeller's kernel per adjoint.
  assert.not.equal(backward(routed.step, ['dispeller']), backward(single, ['dispeller']));
});

test('the readings differ from the paper in the dispeller or in the base alone', () => {
  const paper = compiled('specs/ed2l.ed2l', 'ed2l', SMALL).step;
  const introduction = compiled('specs/readings.ed2l', 'introduction', SMALL).step;
  const branches = ['base', 'distiller', 'classifier', 'dispelling'];
  assert.equal(backward(introduction, branches), backward(paper, branches));
});

test.run();
