/** @file Checks a graph on its own: order, operand types, attributes, outputs. An empty list means it is well formed. */
import { checkSignature } from '../ops/signature.js';
import { inferTypes } from '../ops/table.js';
import { keyOfNode } from './builder.js';
import { formatType, type Graph, type Node, type Type } from './graph.js';

export function verifyGraph(graph: Graph): string[] {
  const problems: string[] = [];
  const defined = new Set<number>();
  const computed = new Map<string, number>();
  graph.nodes.forEach((node, index) => {
    const where = `node ${index} (${node.op})`;
    for (const input of node.inputs)
      if (!defined.has(input)) problems.push(`${where} reads %${input} before it exists`);
    for (const output of node.outputs) {
      if (defined.has(output)) problems.push(`${where} defines %${output} a second time`);
      if (graph.values[output] === undefined) problems.push(`${where} defines %${output}, which has no type`);
      defined.add(output);
    }
    const key = keyOfNode(node);
    const before = computed.get(key);
    if (before === undefined) computed.set(key, index);
    else problems.push(`${where} computes what node ${before} computed`);
    problems.push(...checkTypes(node, graph).map((problem) => `${where}: ${problem}`));
    if (node.piece !== undefined && node.piece.split('.')[0] !== node.group)
      problems.push(`${where}: the piece ${node.piece} is not in ${node.group ?? 'any group'}`);
  });
  if (defined.size !== graph.values.length)
    problems.push(`${graph.values.length - defined.size} values have no node`);
  for (const { role, name, value } of graph.outputs)
    if (!defined.has(value))
      problems.push(`output ${role} ${name} refers to %${value}, which does not exist`);
  const names = graph.outputs.map(({ role, name }) => `${role} ${name}`);
  for (const [i, name] of names.entries())
    if (names.indexOf(name) < i) problems.push(`output ${name} stands twice`);
  return problems;
}

function checkTypes(node: Node, graph: Graph): string[] {
  const inputs = node.inputs.map((id) => graph.values[id]);
  const outputs = node.outputs.map((id) => graph.values[id]);
  if (![...inputs, ...outputs].every((t): t is Type => t !== undefined)) return [];
  const wrong = checkSignature(node, inputs as Type[]);
  if (wrong.length > 0) return wrong;
  const misplaced = outputs.filter((t) => t!.shape.lastIndexOf('batch') > 0);
  if (misplaced.length > 0) return [`the batch axis is not the first in ${formatType(misplaced[0]!)}`];
  const expected = inferTypes(node.op, inputs as Type[], node.attrs);
  if ('message' in expected) return [expected.message];
  const found = outputs.map((t) => formatType(t!)).join(', ');
  const wanted = expected.map(formatType).join(', ');
  return found === wanted ? [] : [`has the type ${found}, not ${wanted}`];
}
