/** @file What every stage makes of one loss line of specs/ed2l.ed2l, as docs/architecture.md shows it: block name → text. */
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import type { Instruction } from '../../compiler/plan/plan.js';
import { formatType, type Graph, type Node, type ValueId } from '../../compiler/graph/graph.js';
import { printGraph } from '../../compiler/graph/print.js';
import { printModel } from '../../compiler/model/print.js';
import { makePlan } from '../../compiler/plan/make-plan.js';
import { compileModel } from '../../compiler/program.js';
import { formatCarrier } from '../../compiler/routing/carrier.js';
import { edgeKey } from '../../compiler/routing/demand.js';
import { adjointReport } from '../../compiler/routing/report.js';
import { wasm } from '../../compiler/targets/wasm.js';
import { parse } from '../../grammar/parse.js';
import { checkSpec, modelOf } from './specs.js';

const SPEC = 'specs/ed2l.ed2l';
const LOSS = 'l_p';
/** The column of the loss in the printed carriers, and that of the loss whose adjoint it meets at `z_p`. */
const SHOWN = ['{l_p: 10}', '{l_a: 10}'];

export function walk(): Record<string, string> {
  const model = modelOf(checkSpec(SPEC), 'ed2l');
  const graphs = new Map<string, Graph>();
  const program = compileModel(model, { observe: (_, __, pass, graph) => void graphs.set(pass, graph) });
  const [stage] = program.stages;
  const [step] = stage!.steps;
  const { forward, differentiated } = step!;
  const last = [...graphs.values()].at(-1)!;
  const forwardCount = forward.nodes.length;
  const backward = differentiated.graph.nodes.slice(forwardCount);
  return {
    line: lossLines().trimEnd(),
    tree: tree(),
    model: [
      ...printModel(model)
        .split('\n')
        .filter((line) => line.startsWith(`loss ${LOSS} updates`) || line.includes('minimize')),
      ...linesOf(model.graph, between(model.graph, 'f_p', model.values)),
    ].join('\n'),
    forward: linesOf(
      forward,
      between(forward, 'f_p').filter((n) => n.name !== undefined),
    )
      .filter((line) => line !== '…')
      .join('\n'),
    columns: aligned(
      [...differentiated.terms.wants].map(([group, column]) => [
        group,
        formatCarrier(column, differentiated.terms),
      ]),
    ),
    carriers: carriers(forward, differentiated),
    adjoints: linesOf(
      differentiated.graph,
      backward.filter(
        (n) => SHOWN.includes(n.origin.carrier ?? '') && [undefined, 'dispeller'].includes(n.group),
      ),
    ).join('\n'),
    report: adjointReport(model, stage!.stage, step!),
    update: updates(last),
    plan: plan(last),
  };
}

/** The loss as its author wrote it. */
function lossLines(): string {
  const text = readFileSync(SPEC, 'utf8');
  const { start, end } = lossMember().span;
  return text
    .slice(start, end)
    .replace(/ *#.*$/gm, '')
    .replaceAll('\n    ', '\n  ');
}

function lossMember(): { readonly span: { readonly start: number; readonly end: number } } {
  const { file } = parse(readFileSync(SPEC, 'utf8'), SPEC);
  const model = file.items.find((item) => item.kind === 'model')!;
  return model.members.find((m) => m.kind === 'loss' && m.name.text === LOSS)!;
}

/** The syntax tree without its spans. */
function tree(): string {
  const plain: unknown = JSON.parse(
    JSON.stringify(lossMember(), (key, value: unknown) => (key === 'span' ? undefined : value)),
  );
  return inspect(plain, { depth: null, breakLength: 100, compact: 3 });
}

/** Nodes on a path from the value called `from` to the loss, and the parameters they read. */
function between(
  graph: Graph,
  from: string,
  names: readonly { name: string; value: ValueId }[] = [],
): Node[] {
  const start =
    names.find((v) => v.name === from)?.value ?? graph.nodes.find((n) => n.name === from)!.outputs[0]!;
  const end = graph.outputs.find((o) => o.role === 'loss' && o.name === LOSS)!.value;
  const below = new Set([start]);
  for (const node of graph.nodes) if (node.inputs.some((id) => below.has(id))) below.add(node.outputs[0]!);
  const above = new Set([end]);
  for (const node of graph.nodes.toReversed())
    if (above.has(node.outputs[0]!)) for (const id of node.inputs) above.add(id);
  const on = graph.nodes.filter(({ outputs: [id] }) => above.has(id!) && below.has(id!));
  const read = new Set(on.flatMap((n) => n.inputs));
  return graph.nodes.filter((n) => on.includes(n) || (n.op === 'parameter' && read.has(n.outputs[0]!)));
}

/** The printed lines of some nodes, and `…` where others stand between them. */
function linesOf(graph: Graph, nodes: readonly Node[]): string[] {
  const printed = printGraph(graph).split('\n');
  const indices = nodes.map((node) => graph.nodes.indexOf(node));
  return indices.flatMap((at, i) => [...(i > 0 && at > indices[i - 1]! + 1 ? ['…'] : []), printed[at]!]);
}

function carriers(
  forward: Graph,
  { demand, terms }: ReturnType<typeof compileModel>['stages'][number]['steps'][number]['differentiated'],
): string {
  const nameOf = (id: ValueId): string => {
    const node = forward.nodes.find((n) => n.outputs[0] === id)!;
    return node.name ?? (node.attrs['path'] as string | undefined) ?? node.op;
  };
  const texts = (list: readonly (readonly unknown[])[] | undefined): string =>
    (list ?? []).map((c) => formatCarrier(c as Parameters<typeof formatCarrier>[0], terms)).join('  ') || '-';
  return aligned(
    between(forward, 'f_p')
      .filter((node) => node.op !== 'parameter')
      .flatMap((node) => {
        const index = forward.nodes.indexOf(node);
        const edges = node.inputs.map((id, k) => [
          `  to ${nameOf(id)}`,
          texts(demand.edges.get(edgeKey(index, k))),
        ]);
        return [[nameOf(node.outputs[0]!), texts(demand.carriers.get(node.outputs[0]!))], ...edges];
      }),
  );
}

const STATE = ['dispelling.dense.bias', 'dispeller.bias'];

/** The updates of two biases, of which only one learns from the loss. */
function updates(graph: Graph): string {
  const wanted = graph.outputs.filter((o) => o.role === 'state' && STATE.includes(o.name));
  const nodes = graph.nodes.filter((n) => n.outputs.some((id) => wanted.some((o) => o.value === id)));
  return [
    ...linesOf(graph, nodes).filter((l) => l !== '…'),
    ...wanted.map((o) => `state ${o.name} = %${o.value}`),
  ].join('\n');
}

/** The instructions behind the logits that lead to the loss, or to the adjoint of `f_p` that it gives. */
function plan(graph: Graph): string {
  const { instructions } = makePlan(graph, wasm);
  const logits = instructions.findIndex((i) => i.name === 'z_p');
  const behind = instructions.slice(logits);
  const ends = [
    behind.find((i) => i.name === LOSS)!,
    behind.find((i, at) => at > 0 && i.piece === 'dispeller' && i.kernel === 'BatchMatMul')!,
  ];
  const read = new Set(ends.flatMap((i) => i.inputs.map(([, id]) => id)));
  const chosen = behind.toReversed().filter((instruction) => {
    const mine = ends.includes(instruction) || instruction.outputs.some((o) => read.has(o.value));
    if (mine) for (const [, id] of instruction.inputs) read.add(id);
    return mine;
  });
  return chosen.toReversed().map(formatInstruction).join('\n');
}

function formatInstruction({ kernel, inputs, outputs, free, name }: Instruction): string {
  const results = outputs.map((o) => `${o.value}: ${formatType(o)}`).join(', ');
  const operands = inputs
    .map(([input, id]) => (/^\d+$/.test(input) ? String(id) : `${input}: ${id}`))
    .join(', ');
  return [
    `${results} = ${kernel}(${operands})`,
    ...(name === undefined ? [] : [`as ${name}`]),
    ...(free.length > 0 ? [`free ${free.join(', ')}`] : []),
  ].join(' ; ');
}

function aligned(rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map(([first]) => first!.length));
  return rows.map(([first, second]) => `${first!.padEnd(width)}  ${second}`).join('\n');
}
