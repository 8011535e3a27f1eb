/** @file What is wrong with a block whoever calls it, or nobody: names declared twice, hidden or unknown, blocks and bindings that need each other. */
import type { Span } from '../../grammar/span.js';
import type { BlockItem, Expr, Identifier, Item } from '../../grammar/syntax.js';
import type { Report } from '../diagnostics/report.js';
import { suggestion } from '../diagnostics/suggestion.js';
import { builtIn, builtInNames, isBuiltIn, VARIABLES, type BuiltIn } from '../elaborate/builtins.js';
import { namesIn, partsOf } from './mentions.js';
import type { FileScope } from './scope.js';
import { reportUnsupportedIn } from './unsupported.js';

/** Arguments that may be a word of their own, which is then no name. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  axis: ['all', 'batch', 'rest', 'channels'],
  pad: ['half', 'same'],
  stride: ['size'],
  normalize: ['both', 'weights'],
  fan: ['both', 'inputs'],
  evaluate: ['running', 'batch'],
  method: ['bilinear', 'nearest'],
  weights: ['none'],
  where: ['none'],
};

/** Checks the blocks that a file declares and that are among `sound`; false if evaluating them could go on for ever. */
export function checkBlocks(scope: FileScope, sound: ReadonlySet<Item>, report: Report): boolean {
  const blocks = [...scope.names.values()].flatMap((d) =>
    d.kind === 'block' && d.scope === scope && sound.has(d.item) ? [d.item] : [],
  );
  for (const block of blocks) {
    checkDeclarations(block, scope, report);
    for (const expr of expressionsOf(block)) reportUnsupportedIn(expr, report);
    checkMentions(block, scope, report);
  }
  const byName = new Map(blocks.map((b) => [b.name.text, b]));
  const mentions = (name: string): Identifier[] =>
    expressionsOf(byName.get(name)!)
      .flatMap((e) => namesIn(e))
      .filter((n) => byName.has(n.text));
  return !reportCycles('blocks', [...byName.keys()], mentions, report);
}

const expressionsOf = (block: BlockItem): Expr[] => [
  ...block.parameters.flatMap((p) => p.default ?? []),
  ...block.bindings.map((b) => b.value),
  block.result,
];

const declaredIn = (block: BlockItem): Identifier[] => [
  ...block.parameters.map((p) => p.name),
  ...(block.inputs ?? []),
  ...block.bindings.map((b) => b.name),
];

/** Names within a block differ from each other, from the file's and from the built-ins. */
function checkDeclarations(block: BlockItem, scope: FileScope, report: Report): void {
  const seen = new Map<string, Span>();
  for (const { text, span } of declaredIn(block)) {
    const before = seen.get(text);
    const outer = scope.names.get(text);
    if (before)
      report.error('ED2002', span, `\`${text}\` is declared twice`, {
        labels: [{ span: before, message: 'first declared here' }],
        hint: 'give one of them another name',
      });
    else if (outer)
      report.error('ED2003', span, `\`${text}\` hides a name of the file`, {
        labels: [{ span: outer.span, message: 'declared here' }],
        hint: 'give it another name',
      });
    else if (isBuiltIn(text))
      report.error('ED2003', span, `\`${text}\` hides a built-in`, { hint: 'give it another name' });
    seen.set(text, span);
  }
}

/** Unknown names, and bindings that need each other. */
function checkMentions(block: BlockItem, scope: FileScope, report: Report): void {
  const own = new Set(declaredIn(block).map((n) => n.text));
  for (const expr of expressionsOf(block)) {
    for (const { text, span } of mentionedIn(expr)) {
      if (own.has(text) || scope.names.has(text) || isBuiltIn(text)) continue;
      const found = suggestion({ text, span }, [
        ...own,
        ...scope.names.keys(),
        ...builtInNames(),
        ...VARIABLES,
      ]);
      report.error(
        'ED2001',
        span,
        `there is no \`${text}\``,
        found.fix ? found : { hint: 'declare it, or import the file that does' },
      );
    }
  }
  const values = new Map([
    ...block.bindings.map((b) => [b.name.text, b.value] as const),
    ...block.parameters.flatMap((p) => (p.default ? [[p.name.text, p.default] as const] : [])),
  ]);
  const mentions = (name: string): Identifier[] =>
    namesIn(values.get(name)!).filter((n) => values.has(n.text));
  reportCycles('values', [...values.keys()], mentions, report);
}

/** Bare names, without the words that some arguments of built-ins take. */
function* mentionedIn(expr: Expr): Generator<Identifier> {
  if (expr.kind === 'name') yield expr;
  const known = expr.kind === 'call' && expr.callee.kind === 'name' ? builtIn(expr.callee.text) : undefined;
  const words = expr.kind === 'call' && known ? wordsOf(expr, known) : [];
  for (const part of partsOf(expr)) if (!words.includes(part)) yield* mentionedIn(part);
}

function wordsOf(call: Extract<Expr, { kind: 'call' }>, known: BuiltIn): Expr[] {
  return call.arguments.flatMap(({ name, value }, i) => {
    // Without its tensor, a function of one tensor begins at its second parameter.
    const candidates = name ? [name.text] : [known.parameters[i]?.name, known.parameters[i + 1]?.name];
    const isWord =
      value.kind === 'name' && candidates.some((c) => c !== undefined && WORDS[c]?.includes(value.text));
    return isWord ? [value] : [];
  });
}

/** Reports each cycle once, at the mention that closes it. */
function reportCycles(
  what: 'blocks' | 'values',
  names: readonly string[],
  mentions: (name: string) => readonly Identifier[],
  report: Report,
): boolean {
  const done = new Set<string>();
  let found = false;
  for (const start of names) {
    if (done.has(start)) continue;
    const path: { readonly name: string; readonly rest: Identifier[] }[] = [
      { name: start, rest: [...mentions(start)] },
    ];
    while (path.length > 0) {
      const next = path.at(-1)!.rest.shift();
      if (!next) {
        done.add(path.pop()!.name);
        continue;
      }
      const from = path.findIndex((p) => p.name === next.text);
      if (from >= 0) {
        found = true;
        const loop = [...path.slice(from).map((p) => p.name), next.text];
        report.error(
          'ED2004',
          next.span,
          `${what} need each other: ${loop.map((n) => `\`${n}\``).join(' needs ')}`,
          {
            hint:
              what === 'blocks' ? 'a block cannot contain itself' : 'one of them must not need the others',
          },
        );
      } else if (!done.has(next.text)) path.push({ name: next.text, rest: [...mentions(next.text)] });
    }
  }
  return found;
}
