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
const OUTPUT = /^(loss|mask|value|predict|state|gradient) (\S.*) = %(\d+)$/;
const RESULTS = /^%\d+: [a-z0-9]+\[[^\]]*\](?:, %\d+: [a-z0-9]+\[[^\]]*\])*$/;
const RESULT = /%(\d+): ([a-z0-9]+)\[([^\]]*)\]/g;
const TEXT = String.raw`"(?:[^"\\]|\\.)*"`;
const PAIR = new RegExp(String.raw`(\w+): (\[(?:${TEXT}|[^\]"])*\]|<[^>]*>|${TEXT}|[^,}"]+)(, |\})`, 'y');
const CLAUSE = new RegExp(String.raw` ; (\w+) ((?:${TEXT}|(?! ; ).)+)`, 'y');

/** Throws GraphSyntaxError. */
export function parseGraph(text: string): Graph {
  const nodes: Node[] = [];
  const values: Type[] = [];
  const outputs: Output[] = [];
  text.split('\n').forEach((raw, index) => {
    const line = raw.trim();
    if (line === '') return;
    try {
      const output = OUTPUT.exec(line);
      if (output) {
        const [, role, name, value] = output;
        outputs.push({ role: role as Output['role'], name: name!, value: Number(value) });
      } else nodes.push(parseNode(line, values));
    } catch (error) {
      throw new GraphSyntaxError(index + 1, (error as Error).message);
    }
  });
  return { nodes, values, outputs };
}

function fail(reason: string): never {
  throw new SyntaxError(reason);
}

/** Adds the types of the results to `values`. */
function parseNode(line: string, values: Type[]): Node {
  const [, results, op, operands, tail] = NODE.exec(line) ?? fail('neither a node nor an output');
  if (!RESULTS.test(results!)) fail(`"${results}" is not a list of results such as %0: f32[batch, 2]`);
  const outputs = [...results!.matchAll(RESULT)].map(([, id, dtype, dims]) => {
    if (Number(id) !== values.length) fail(`%${id} stands where %${values.length} is due`);
    return values.push({ dtype: parseDType(dtype!), shape: parseDims(dims!) }) - 1;
  });
  const inputs = operands === '' ? [] : operands!.split(', ').map(parseOperand);
  const { attrs, rest } = parseAttrs(tail!);
  return { op: op!, inputs, outputs, attrs, ...parseClauses(rest) };
}

const parseOperand = (text: string): number =>
  /^%\d+$/.test(text) ? Number(text.slice(1)) : fail(`${text} is not an operand such as %0`);

const parseDType = (text: string): DType =>
  text === 'f32' || text === 'i32' || text === 'bool' ? text : fail(`there is no element type ${text}`);

const parseDims = (text: string): Dim[] => (text === '' ? [] : text.split(', ').map(parseDim));

const parseDim = (text: string): Dim =>
  text === 'batch' ? text : /^\d+$/.test(text) ? Number(text) : fail(`${text} is not a size`);

/** Attributes are `name: value` pairs; a value is one JSON token, a list, or `<coefficient>`. */
function parseAttrs(text: string): { attrs: Attrs; rest: string } {
  const attrs: Record<string, Attr> = {};
  if (!text.startsWith('{')) return { attrs, rest: text };
  PAIR.lastIndex = 1;
  for (;;) {
    const [, name, value, end] = PAIR.exec(text) ?? fail('attributes are not `{name: value, …}`');
    attrs[name!] = parseAttr(value!);
    if (end === '}') return { attrs, rest: text.slice(PAIR.lastIndex) };
  }
}

function parseAttr(text: string): Attr {
  if (text.startsWith('<')) return parseCoefficient(text.slice(1, -1));
  if (!text.startsWith('[')) return parseToken(text);
  const items = text.slice(1, -1).match(new RegExp(`${TEXT}|[^, ]+`, 'g')) ?? [];
  return items.map((item) => (item === 'batch' ? item : parseToken(item))) as readonly Dim[];
}

function parseToken(text: string): number | string | boolean {
  const token: unknown = JSON.parse(text);
  return typeof token === 'object' ? fail(`${text} is not an attribute`) : (token as string);
}

function parseClauses(text: string): Omit<Node, 'op' | 'inputs' | 'outputs' | 'attrs'> {
  const origin: { -readonly [K in keyof Origin]: Origin[K] } = { from: 'source' };
  const place: { group?: string; piece?: string; application?: number; name?: string } = {};
  CLAUSE.lastIndex = 0;
  for (let at = 0; at < text.length; at = CLAUSE.lastIndex) {
    const [, word, body] =
      CLAUSE.exec(text) ?? fail(`"${text.slice(at)}" is not a clause such as " ; as f_t"`);
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
          /^(\d+)-(\d+) of (".*")$/.exec(body!) ?? fail('a span is `at START-END of "SOURCE"`');
        origin.span = { source: JSON.parse(source!) as string, start: Number(start), end: Number(end) };
        break;
      }
      default:
        fail(`"${word}" is not a clause`);
    }
  }
  return { origin, ...place };
}
