/** @file The graphs of small models with known routes: a reversal, a chain, a shared group, no routes at all. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { printGraph } from '../../compiler/graph/print.js';
import { compileStep, type CompiledStep } from '../../compiler/program.js';
import { adjointReport } from '../../compiler/routing/report.js';
import { golden } from '../support/golden.js';
import { checkText, errorsOf, modelOf } from '../support/specs.js';
import { TOYS } from '../support/toys.js';

const compiledToy = (name: string): { step: CompiledStep; report: string } => {
  const checked = checkText(TOYS[name]!);
  assert.equal(errorsOf(checked), []);
  const model = modelOf(checked, 'toy');
  const [stage] = model.stages;
  const step = compileStep(model, stage!, stage!.steps[0]!, { verify: true, gradients: true });
  return { step, report: adjointReport(model, stage!, step) };
};
const held = (step: CompiledStep, name: string): string[] => {
  const node = step.forward.nodes.find((n) => n.name === name)!;
  const { demand, terms } = step.differentiated;
  return (demand.carriers.get(node.outputs[0]!) ?? []).map((carrier) =>
    carrier
      .flatMap((c, t) => (c ? [`${terms.names[t]}:${c.factor.n}${c.powers.map(([p]) => p).join('')}`] : []))
      .join(),
  );
};

for (const name of Object.keys(TOYS)) {
  test(`${name}: adjoints, differentiated and training graph are as they were reviewed`, () => {
    const { step, report } = compiledToy(name);
    golden(`topologies/${name}`, {
      source: TOYS[name]!,
      adjoints: report,
      differentiated: printGraph(step.differentiated.graph),
      'training graph': printGraph(step.graph),
    });
  });
}

test('a reversal is applied once, where the base begins, and carries its schedule', () => {
  const { step } = compiledToy('reversal');
  const mixes = step.differentiated.graph.nodes.filter((n) => n.op === 'mix');
  assert.equal(held(step, 'f'), ['l_y:1,l_d:-1reversal']);
  assert.is(mixes.length, 1);
  assert.equal(mixes[0]!.attrs['by'], { factor: { n: -1n, d: 1n }, powers: [['reversal', 1]] });
});

test('in the chain the middle holds two adjoints and the stem one', () => {
  const { step } = compiledToy('chain');
  assert.is(held(step, 'h').length, 2);
  assert.is(held(step, 'z').length, 2);
  const { carriers } = step.differentiated.demand;
  for (const node of step.forward.nodes)
    if (node.group === 'base' && carriers.has(node.outputs[0]!))
      assert.is(carriers.get(node.outputs[0]!)!.length, 1);
});

test('a group applied twice has one gradient per parameter, the sum over both', () => {
  const { step } = compiledToy('shared');
  const gradients = step.graph.outputs.filter((o) => o.role === 'gradient').map((o) => o.name);
  assert.is(new Set(gradients).size, gradients.length);
  const kernel = step.forward.nodes.find((n) => n.attrs['path'] === 'base.dense.kernel')!.outputs[0]!;
  assert.is(step.forward.nodes.filter((n) => n.op === 'matmul' && n.inputs.includes(kernel)).length, 2);
});

test('inside the masked group the masked loss has an adjoint beside the plain one, and nowhere else', () => {
  const { step } = compiledToy('masked');
  const { terms, demand } = step.differentiated;
  assert.equal(terms.names, ['l_y', 'l_z', 'l_y where not is_rare']);
  for (const node of step.forward.nodes) {
    const held = demand.carriers.get(node.outputs[0]!) ?? [];
    if (held.some((carrier) => carrier[2] !== null)) assert.is(node.group, 'head', node.op);
  }
  assert.is(step.differentiated.mixes.masks, 1);
});

test('without routes there is one adjoint everywhere', () => {
  const { step } = compiledToy('unrouted');
  for (const carriers of step.differentiated.demand.carriers.values()) assert.is(carriers.length, 1);
});

test('what a derivative needs of the value alone is computed once for both adjoints', () => {
  const { step } = compiledToy('chain');
  const slope = step.differentiated.graph.nodes.filter(
    (n) => n.op === 'square' && n.origin.from === 'vjp of tanh',
  );
  assert.is(slope.length, 1);
});

test('dropout is drawn once per step, whatever the number of losses that use it', () => {
  const checked = checkText(TOYS['chain']!.replace('tanh()', 'dropout(0.5)'));
  const model = modelOf(checked, 'toy');
  const [stage] = model.stages;
  const { graph } = compileStep(model, stage!, stage!.steps[0]!, { verify: true });
  const masks = graph.nodes.filter((n) => n.op === 'dropout_mask');
  assert.is(masks.length, 1);
  // Forward, and back for each of the two adjoints.
  assert.is(graph.nodes.filter((n) => n.op === 'mul' && n.inputs.includes(masks[0]!.outputs[0]!)).length, 3);
});

test.run();
