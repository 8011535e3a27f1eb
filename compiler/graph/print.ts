/** @file The text form of a graph (docs/ir.md, "Graph IR"): one line per node, stable, parsed back by parse.ts. */
import { formatCoefficient, type Coefficient } from '../scalar/coefficient.js';
import { formatType, type Attr, type Graph, type Node } from './graph.js';

export interface PrintOptions {
  /** Write where each node stands in the source (default: false, so that a comment in a spec does not change a golden). */
  readonly spans?: boolean;
}

/** `%5: f32[batch, 7] = matmul(%3, %4){transposeA: false, transposeB: false} ; in dispeller#1 ; as z_p` */
export function printGraph(graph: Graph, options: PrintOptions = {}): string {
  const lines = graph.nodes.map((node) => printNode(node, graph, options));
  const outputs = graph.outputs.map(({ role, name, value }) => `${role} ${name} = %${value}`);
  return `${[...lines, ...outputs].join('\n')}\n`;
}

function printNode(node: Node, graph: Graph, options: PrintOptions): string {
  const results = node.outputs.map((id) => `%${id}: ${formatType(graph.values[id]!)}`).join(', ');
  const inputs = node.inputs.map((id) => `%${id}`).join(', ');
  return `${results} = ${node.op}(${inputs})${printAttrs(node)}${clauses(node, options)
    .map((c) => ` ; ${c}`)
    .join('')}`;
}

function printAttrs(node: Node): string {
  const names = Object.keys(node.attrs).sort();
  if (names.length === 0) return '';
  return `{${names.map((name) => `${name}: ${printAttr(node.attrs[name]!)}`).join(', ')}}`;
}

/** Numbers and `true` as they are, texts quoted, lists in brackets, exact coefficients in angle brackets. */
function printAttr(attr: Attr): string {
  if (typeof attr === 'string') return JSON.stringify(attr);
  if (typeof attr !== 'object') return String(attr);
  if (!Array.isArray(attr)) return `<${formatCoefficient(attr as Coefficient)}>`;
  return `[${attr.map((item) => (item === 'batch' || typeof item === 'number' ? item : JSON.stringify(item))).join(', ')}]`;
}

function clauses(node: Node, options: PrintOptions): string[] {
  const { origin, group, piece, application, name } = node;
  const place = piece === undefined ? group : `${piece}#${application}`;
  const span = options.spans ? origin.span : undefined;
  return [
    ...(place === undefined ? [] : [`in ${place}`]),
    ...(name === undefined ? [] : [`as ${name}`]),
    ...(origin.from === 'source' ? [] : [`from ${origin.from}`]),
    ...(origin.carrier === undefined ? [] : [`for ${origin.carrier}`]),
    ...(span ? [`at ${span.start}-${span.end} of ${JSON.stringify(span.source)}`] : []),
  ];
}
