/** @file What the verifiers of models, graphs and training graphs promise to notice, one break at a time. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Attrs, Graph, Node } from '../../compiler/graph/graph.js';
import { verifyGraph } from '../../compiler/graph/verify.js';
import type { ModelIR } from '../../compiler/model/ir.js';
import { verifyModel } from '../../compiler/model/verify.js';
import { opTable } from '../../compiler/ops/table.js';
import { signatures } from '../../compiler/ops/signature.js';
import { runTrainingPasses, TRAINING_PASSES, type StepContext } from '../../compiler/passes/pipeline.js';
import { verifyEvaluation, verifyStep } from '../../compiler/passes/verify-step.js';
import { compileEvaluation, compileStep } from '../../compiler/program.js';
import * as C from '../../compiler/scalar/coefficient.js';
import { randomFrom } from '../support/random-graph.js';
import { randomSpec } from '../support/random-spec.js';
import { checkText, modelOf } from '../support/specs.js';
import { tinyModel, ZOO } from '../support/zoo.js';

const without = (attrs: Attrs, name: string): Attrs =>
  Object.fromEntries(Object.entries(attrs).filter(([key]) => key !== name));

const ed2l = tinyModel('specs/ed2l.ed2l', 'ed2l');
const [stage] = ed2l.stages as [ModelIR['stages'][0]];
const [step] = stage.steps as [(typeof stage.steps)[0]];
const training = compileStep(ed2l, stage, step).graph;

const withNode = (graph: Graph, op: string, change: (node: Node) => Partial<Node>): Graph => {
  const at = graph.nodes.findIndex((n) => n.op === op);
  assert.ok(at >= 0, `there is a ${op}`);
  return { ...graph, nodes: graph.nodes.map((n, i) => (i === at ? { ...n, ...change(n) } : n)) };
};
const reports = (problems: readonly string[], message: RegExp): void =>
  assert.ok(
    problems.some((p) => message.test(p)),
    `${message} among ${problems.slice(0, 3).join('; ') || 'nothing'}`,
  );

test('sound models and graphs are passed', () => {
  for (const [file, name] of ZOO) assert.equal(verifyModel(tinyModel(file, name)), [], name);
  for (let seed = 0; seed < 60; seed++)
    assert.equal(verifyModel(modelOf(checkText(randomSpec(seed)), 'random')), [], `seed ${seed}`);
  assert.equal(verifyGraph(training), []);
  assert.equal(verifyStep(training, ed2l, stage, step), []);
  assert.equal(verifyEvaluation(compileEvaluation(ed2l), ed2l), []);
});

test('every operation has a signature, and no other name has one', () => {
  assert.equal(Object.keys(signatures).sort(), Object.keys(opTable).sort());
});

const GRAPHS: readonly (readonly [how: string, broken: () => Graph, message: RegExp])[] = [
  ['a node dropped', () => ({ ...training, nodes: training.nodes.toSpliced(40, 1) }), /reads %\d+ before it exists/],
  ['two nodes exchanged', () => swapped(training), /before it exists/],
  ['a node twice', () => ({ ...training, nodes: [...training.nodes, training.nodes[3]!] }), /defines %\d+ a second time/],
  ['a computation twice', () => ({ ...training, nodes: [...training.nodes, { ...training.nodes[3]!, outputs: [training.values.length] }], values: [...training.values, training.values[training.nodes[3]!.outputs[0]!]!] }), /node \d+ \(\w+\) computes what node 3 computed/],
  ['an unknown operation', () => withNode(training, 'conv2d', () => ({ op: 'conv9d' })), /no operation called conv9d/],
  ['a name every object has', () => withNode(training, 'conv2d', () => ({ op: 'toString' })), /no operation called toString/],
  ['operands exchanged', () => withNode(training, 'conv2d', (n) => ({ inputs: n.inputs.toReversed() })), /channels|image|type/],
  ['an operand missing', () => withNode(training, 'conv2d', (n) => ({ inputs: n.inputs.slice(1) })), /1 operands where 2 belong/],
  ['an attribute missing', () => withNode(training, 'conv2d', ({ attrs }) => ({ attrs: without(attrs, 'pad') })), /attribute pad is missing/],
  ['an attribute too many', () => withNode(training, 'prelu', () => ({ attrs: { slope: 1 } })), /no attribute slope/],
  ['an attribute of another kind', () => withNode(training, 'conv2d', (n) => ({ attrs: { ...n.attrs, stride: [0, 2] } })), /stride is not a pair/],
  ['a wrong type', () => retyped(training, 'conv2d', { dtype: 'f32', shape: ['batch', 1, 1, 1] }), /has the type .*, not/],
  ['a batch axis in the middle', () => retyped(training, 'parameter', { dtype: 'f32', shape: [1, 'batch'] }), /batch axis is not the first/],
  ['an output of nothing', () => ({ ...training, outputs: [{ role: 'loss', name: 'x', value: 99_999 }] }), /refers to %99999/],
  ['an output twice', () => ({ ...training, outputs: [...training.outputs, training.outputs[0]!] }), /stands twice/],
  ['a piece of no group', () => withNode(training, 'conv2d', () => ({ group: undefined })), /is not in any group/],
  ['a piece of another group', () => withNode(training, 'conv2d', () => ({ group: 'dispeller' })), /is not in dispeller/],
]; // prettier-ignore

const swapped = (graph: Graph): Graph => {
  const at = graph.nodes.findIndex((n) => n.op === 'conv2d');
  return { ...graph, nodes: graph.nodes.with(at, graph.nodes[at - 1]!).with(at - 1, graph.nodes[at]!) };
};
const retyped = (graph: Graph, op: string, type: Graph['values'][0]): Graph => {
  const id = graph.nodes.find((n) => n.op === op)!.outputs[0]!;
  return { ...graph, values: graph.values.with(id, type) };
};

for (const [how, broken, message] of GRAPHS)
  test(`a graph with ${how} is reported`, () => {
    const graph = broken();
    reports(verifyGraph(graph), message);
  });

test('any dropped node, and any operand exchanged for one of another type, is reported', () => {
  const random = randomFrom(2);
  for (let i = 0; i < 80; i++) {
    const at = Math.floor(random() * training.nodes.length);
    const node = training.nodes[at]!;
    assert.not.equal(
      verifyGraph({ ...training, nodes: training.nodes.toSpliced(at, 1) }),
      [],
      `node ${at} dropped`,
    );
    if (node.inputs.length === 0) continue;
    const k = Math.floor(random() * node.inputs.length);
    const type = training.values[node.inputs[k]!]!;
    const other = training.values.findIndex((t, id) => id < node.inputs[k]! && t.dtype !== type.dtype);
    if (other < 0) continue;
    const nodes = training.nodes.with(at, { ...node, inputs: node.inputs.with(k, other) });
    if (node.op !== 'cast')
      assert.not.equal(verifyGraph({ ...training, nodes }), [], `operand ${k} of node ${at}`);
  }
});

type Parts = { -readonly [K in keyof ModelIR]: ModelIR[K] };
const withStep = (change: object): Partial<ModelIR> => ({
  stages: [{ ...stage, steps: [{ ...step, ...change }] }],
});
const [adam] = step.optimizers as [(typeof step.optimizers)[0]];

const MODELS: readonly (readonly [how: string, change: (m: Parts) => Partial<ModelIR>, message: RegExp])[] = [
  ['a group that is gone', (m) => ({ groups: m.groups.slice(1) }), /names the group base, which is not declared/],
  ['a group twice', (m) => ({ groups: [...m.groups, m.groups[0]!] }), /the group base stands twice/],
  ['a path outside its group', (m) => ({ groups: m.groups.with(0, { ...m.groups[0]!, parameters: m.groups[0]!.parameters.map((p) => ({ ...p, path: `x${p.path}` })) }) }), /does not begin with its group/],
  ['a parameter that is gone', (m) => ({ groups: m.groups.with(0, { ...m.groups[0]!, parameters: m.groups[0]!.parameters.slice(1) }) }), /reads the parameter base\..*not declared/],
  ['a parameter of another shape', (m) => ({ groups: m.groups.with(4, { ...m.groups[4]!, parameters: m.groups[4]!.parameters.map((p) => ({ ...p, shape: [9, 9] })) }) }), /parameter dispeller\.kernel has the type f32\[4, 3\], not f32\[9, 9\]/],
  ['an input of another shape', (m) => ({ inputs: m.inputs.map((i) => ({ ...i, shape: ['batch', 2] })) }), /the input face has the type/],
  ['a label that is gone', () => ({ labels: [], predictions: [] }), /reads the label expression/],
  ['a prediction of no label', (m) => ({ labels: [], predictions: m.predictions }), /label expression, which is not declared/],
  ['a batch norm without statistics', (m) => ({ graph: withNode(m.graph, 'batch_norm', () => ({ piece: 'base.other' })) }), /stands in base\.other, which has no statistics/],
  ['a loss that is a tensor', (m) => ({ losses: m.losses.with(0, { ...m.losses[0]!, value: 0 }) }), /the loss l_t is .*, not one number/],
  ['a loss not handed out', (m) => ({ graph: { ...m.graph, outputs: [] } }), /loss l_t is not among the outputs/],
  ['a value too far', (m) => ({ values: [{ ...m.values[0]!, value: 1e6 }] }), /refers to value 1000000/],
  ['a route to nowhere', (m) => ({ losses: m.losses.with(0, { ...m.losses[0]!, route: [{ ...m.losses[0]!.route[0]!, group: 'nobody' }] }) }), /the route of l_t names the group nobody/],
  ['an unknown run-time scalar', (m) => ({ losses: m.losses.with(0, { ...m.losses[0]!, route: [{ ...m.losses[0]!.route[0]!, by: C.named('lambda') }] }) }), /uses the run-time scalar lambda/],
  ['an objective of nothing', () => withStep({ objective: [{ loss: 'l_x', coefficient: C.ONE }] }), /minimizes l_x, which is not declared/],
  ['a group without optimizer', () => withStep({ optimizers: [{ ...adam, groups: adam.groups.slice(1) }] }), /has 0 optimizers for base, where 1 belong/],
  ['a group with two optimizers', () => withStep({ optimizers: [adam, adam] }), /has 2 optimizers for base/],
  ['an optimizer for a frozen group', () => ({ stages: [{ ...stage, frozen: ['base'] }] }), /has 1 optimizers for base, where 0 belong/],
]; // prettier-ignore

for (const [how, change, message] of MODELS)
  test(`a model with ${how} is reported`, () => {
    reports(verifyModel({ ...ed2l, ...change(ed2l) }), message);
  });

const withState = (name: string, value: number): Graph => ({
  ...training,
  outputs: [...training.outputs, { role: 'state', name, value }],
});

test('a training graph that changes what no loss updates is reported', () => {
  const frozen = { ...stage, frozen: ['dispelling'] };
  reports(
    verifyStep(training, ed2l, frozen, step),
    /changes dispelling\..*, which none of its losses updates/,
  );
  reports(verifyStep(withState('classifier.bias', 0), ed2l, stage, step), /changes classifier\.bias/);
});

test('a new state of another type, a missing loss and an unknown leaf are reported', () => {
  const wrong = training.outputs.map((o) => (o.name === 'dispeller.bias' ? { ...o, value: 0 } : o));
  reports(
    verifyStep({ ...training, outputs: wrong }, ed2l, stage, step),
    /the new dispeller\.bias has the type/,
  );
  const without = training.outputs.filter((o) => o.name !== 'l_p');
  reports(verifyStep({ ...training, outputs: without }, ed2l, stage, step), /the loss l_p is not among/);
  const renamed = withNode(training, 'input', (n) => ({ attrs: { ...n.attrs, name: 'body' } }));
  reports(verifyStep(renamed, ed2l, stage, step), /reads the input body/);
});

test('evaluation may change nothing and must predict', () => {
  const evaluation = compileEvaluation(ed2l);
  const state = { role: 'state', name: 'dispeller.bias', value: 0 } as const;
  reports(verifyEvaluation({ ...evaluation, outputs: [state] }, ed2l), /evaluation changes dispeller\.bias/);
  reports(verifyEvaluation({ ...evaluation, outputs: [] }, ed2l), /the predict expression is not among/);
});

test('a pass that breaks its promise is named', () => {
  const update = TRAINING_PASSES.find((p) => p.name === 'update')!;
  const run = update.run;
  const context: StepContext = { model: ed2l, stage, step, gradients: false };
  const mutable = update as { run: typeof run };
  mutable.run = (graph, c) => {
    const done = run(graph, c);
    return { ...done, outputs: [...done.outputs, { role: 'state', name: 'nobody', value: 0 }] };
  };
  try {
    assert.throws(
      () => runTrainingPasses(context, { verify: true }),
      /internal: after pass update: the step main changes nobody/,
    );
  } finally {
    mutable.run = run;
  }
});

test.run();
