/** @file Reads the text form of a graph back (docs/ir.md, "Graph IR"). Types are checked by verifyGraph, not here. */
import { parseCoefficient } from '../scalar/coefficient.js';
import type { Attr, Attrs, Dim, DType, Graph, Node, Origin, Output, Type } from './graph.js';

/** The text is not a graph; says the line. */
export class GraphSyntaxError extends Error {
  constructor(line: number, reason: string) {
    super(`line ${line}: ${reason}`);
  }
}

const NODE = /^(%.*?) = ([a-z][a-z0-9_]*)\(([^)]*)\)(.*)$/;
const OUTPUT = /^(loss|value|predict|state|gradient) (\S+) = %(\d+)$/;
const RESULT = /%(\d+): (f32|i32|bool)\[([^\]]*)\]/g;

/** Throws GraphSyntaxError. */
export function parseGraph(text: string): Graph {
  const nodes: Node[] = [];
  const values: Type[] = [];
  const outputs: Output[] = [];
  text.split('\n').forEach((raw, index) => {
    const line = raw.trim();
    if (line === '') return;
    const fail = (reason: string): never => {
      throw new GraphSyntaxError(index + 1, reason);
    };
    const output = OUTPUT.exec(line);
    if (output) {
      outputs.push({ role: output[1] as Output['role'], name: output[2]!, value: Number(output[3]) });
      return;
    }
    const node = NODE.exec(line) ?? fail('neither a node nor an output');
    const results: number[] = [];
    for (const [, id, dtype, dims] of node[1]!.matchAll(RESULT)) {
      if (Number(id) !== values.length) fail(`%${id} stands where %${values.length} is due`);
      results.push(values.push({ dtype: dtype as DType, shape: parseDims(dims!) }) - 1);
    }
    if (results.length === 0) fail('a node without a result');
    const inputs = node[3] === '' ? [] : node[3]!.split(', ').map((name) => Number(name.slice(1)));
    const { attrs, rest } = parseAttrs(node[4]!, fail);
    nodes.push({ op: node[2]!, inputs, outputs: results, attrs, ...parseClauses(rest, fail) });
  });
  return { nodes, values, outputs };
}

const parseDims = (text: string): Dim[] =>
  text === '' ? [] : text.split(', ').map((d) => (d === 'batch' ? d : Number(d)));

type Fail = (reason: string) => never;

/** Attributes are `name: value` pairs; a value is one JSON-like token, a list, or `<coefficient>`. */
function parseAttrs(text: string, fail: Fail): { attrs: Attrs; rest: string } {
  const attrs: Record<string, Attr> = {};
  if (!text.startsWith('{')) return { attrs, rest: text };
  const PAIR = /(\w+): (\[[^\]]*\]|<[^>]*>|"(?:[^"\\]|\\.)*"|[^,}]+)(, |\})/y;
  PAIR.lastIndex = 1;
  for (;;) {
    const pair = PAIR.exec(text) ?? fail('attributes are not `{name: value, …}`');
    attrs[pair[1]!] = parseAttr(pair[2]!, fail);
    if (pair[3] === '}') return { attrs, rest: text.slice(PAIR.lastIndex) };
  }
}

function parseAttr(text: string, fail: Fail): Attr {
  if (text.startsWith('<')) return parseCoefficient(text.slice(1, -1));
  if (text.startsWith('[')) return JSON.parse(text.replaceAll('batch', '"batch"')) as readonly Dim[];
  try {
    return JSON.parse(text) as Attr;
  } catch {
    return fail(`${text} is not an attribute`);
  }
}

function parseClauses(text: string, fail: Fail): Omit<Node, 'op' | 'inputs' | 'outputs' | 'attrs'> {
  const origin: { -readonly [K in keyof Origin]: Origin[K] } = { from: 'source' };
  const place: { group?: string; piece?: string; application?: number; name?: string } = {};
  for (const clause of text.split(' ; ').slice(1)) {
    const [, word, body] = /^(\w+) (.*)$/.exec(clause) ?? fail(`"${clause}" is not a clause`);
    switch (word) {
      case 'in': {
        const [piece, application] = body!.split('#');
        place.group = piece!.split('.')[0]!;
        if (application !== undefined) Object.assign(place, { piece, application: Number(application) });
        break;
      }
      case 'as':
        place.name = body!;
        break;
      case 'from':
        origin.from = body!;
        break;
      case 'for':
        origin.carrier = body!;
        break;
      case 'at': {
        const [, start, end, source] =
          /^(\d+)-(\d+) of (.*)$/.exec(body!) ?? fail('a span is `at START-END of "SOURCE"`');
        origin.span = { source: JSON.parse(source!) as string, start: Number(start), end: Number(end) };
        break;
      }
      default:
        fail(`"${word}" is not a clause`);
    }
  }
  return { origin, ...place };
}
