/** @file The text form of graphs: it parses back to an equal graph, and no other text makes the parser do anything but say the line. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Graph } from '../../compiler/graph/graph.js';
import { GraphSyntaxError, parseGraph } from '../../compiler/graph/parse.js';
import { printGraph } from '../../compiler/graph/print.js';
import { verifyGraph } from '../../compiler/graph/verify.js';
import type { ModelIR } from '../../compiler/model/ir.js';
import { compileModel } from '../../compiler/program.js';
import { randomFrom } from '../support/random-graph.js';
import { randomSpec } from '../support/random-spec.js';
import { checkText, modelOf } from '../support/specs.js';
import { tinyModel, ZOO } from '../support/zoo.js';

const SPECS = 40;

/** The value graph, the graph after every pass, and the evaluation graph. */
function graphsOf(model: ModelIR): Graph[] {
  const graphs = [model.graph];
  const program = compileModel(model, { observe: (_, __, ___, graph) => void graphs.push(graph) });
  return [...graphs, program.evaluation];
}

const withoutSpans = (graph: Graph): Graph => ({
  ...graph,
  nodes: graph.nodes.map((node) => {
    const { span: _, ...origin } = node.origin;
    return { ...node, origin };
  }),
});

function checkRoundTrip(graph: Graph, where: string): void {
  const text = printGraph(graph);
  const parsed = parseGraph(text);
  assert.equal(parsed, withoutSpans(graph), where);
  assert.is(printGraph(parsed), text, where);
  const full = printGraph(graph, { spans: true });
  assert.equal(parseGraph(full), graph, where);
  assert.is(printGraph(parseGraph(full), { spans: true }), full, where);
}

test('every graph of random specs, after every pass, parses back to an equal graph', () => {
  for (let seed = 0; seed < SPECS; seed++) {
    const model = modelOf(checkText(randomSpec(seed)), 'random');
    for (const graph of graphsOf(model)) checkRoundTrip(graph, `seed ${seed}`);
  }
});

test('the training graph of every spec parses back to an equal graph', () => {
  for (const [file, name] of ZOO) checkRoundTrip(graphsOf(tinyModel(file, name)).at(-2)!, name);
});

test('texts within a graph may hold anything', () => {
  const source = 'dir ; as "x" of \\ },] (%1) = 2 ; from.ed2l';
  const graph: Graph = {
    nodes: [
      {
        op: 'input',
        inputs: [],
        outputs: [0],
        attrs: { name: source, list: ['batch', 'minibatch', source] },
        origin: { from: 'source', span: { source, start: 3, end: 9 } },
        name: 'f_t',
      },
    ],
    values: [{ dtype: 'f32', shape: ['batch', 2] }],
    outputs: [{ role: 'value', name: 'accuracy(z = 1, y)', value: 0 }],
  };
  checkRoundTrip(graph, 'odd texts');
});

test('damaged text is refused by line, or is a graph that its verifier can judge', () => {
  const random = randomFrom(5);
  const below = (n: number): number => Math.floor(random() * n);
  const pieces = [
    '%',
    '(',
    ')',
    '{',
    '}',
    '<1/0>',
    '<',
    ';',
    ' ; at 1-2 of x',
    '"',
    'batch',
    '9',
    '[',
    ', ',
    '=',
    '\n',
    ' ; in a#',
  ];
  const text = printGraph(
    compileModel(modelOf(checkText(randomSpec(3)), 'random')).stages[0]!.steps[0]!.graph,
    { spans: true },
  );
  let refused = 0;
  for (let i = 0; i < 1500; i++) {
    const at = below(text.length);
    const cut = below(3) === 0 ? below(40) : below(3);
    const damaged =
      text.slice(0, at) + (random() < 0.7 ? pieces[below(pieces.length)]! : '') + text.slice(at + cut);
    try {
      verifyGraph(parseGraph(damaged));
    } catch (error) {
      assert.instance(error, GraphSyntaxError, String((error as Error).stack));
      assert.match((error as Error).message, /^line \d+: /);
      refused++;
    }
  }
  assert.ok(refused > 500, `${refused} refused`);
});

test('what is wrong is said in the words of the format', () => {
  const messages: readonly (readonly [text: string, message: string])[] = [
    ['%0: f32[2] = input', 'line 1: neither a node nor an output'],
    ['%1: f32[2] = input()', 'line 1: %1 stands where %0 is due'],
    ['%0: f64[2] = input()', 'line 1: there is no element type f64'],
    ['\n%0: f32[two] = input()', 'line 2: two is not a size'],
    ['%0: f32[2] = neg(0)', 'line 1: 0 is not an operand such as %0'],
    ['%0: f32[] = scale(%0){by: <1/0>}', 'line 1: "1/0" is not a factor of a coefficient'],
    ['%0: f32[] = neg(%0) ; of x', 'line 1: "of" is not a clause'],
    ['%0: f32[] = neg(%0){a: null}', 'line 1: null is not an attribute'],
    ['%0: f32[] = neg(%0){a: 1', 'line 1: attributes are not `{name: value, …}`'],
  ];
  for (const [text, message] of messages)
    assert.throws(
      () => parseGraph(text),
      (error: Error) => error.message === message || assert.is(error.message, message),
    );
});

test.run();
