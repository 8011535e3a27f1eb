/** @file Access to the parser's concrete tree. What a rule always has is taken for granted: its absence is our fault. */
import type { CstElement, CstNode, IToken } from 'chevrotain';
import type { Span } from './span.js';

const isNode = (element: CstElement): element is CstNode => 'children' in element;

export function nodes(parent: CstNode, rule: string): CstNode[] {
  return (parent.children[rule] ?? []).filter(isNode);
}

export function tokens(parent: CstNode, name: string): IToken[] {
  return (parent.children[name] ?? []).filter((element): element is IToken => !isNode(element));
}

export const maybeNode = (parent: CstNode, rule: string): CstNode | undefined => nodes(parent, rule)[0];
export const maybeToken = (parent: CstNode, name: string): IToken | undefined => tokens(parent, name)[0];

export function node(parent: CstNode, rule: string): CstNode {
  const found = maybeNode(parent, rule);
  if (found === undefined) throw new Error(`${parent.name} has no ${rule}`);
  return found;
}

export function token(parent: CstNode, name: string): IToken {
  const found = maybeToken(parent, name);
  if (found === undefined) throw new Error(`${parent.name} has no token ${name}`);
  return found;
}

/** The offset behind the last character of a token; its image may be a corrected word of another length. */
export const endOf = (t: IToken): number => (t.endOffset ?? t.startOffset) + 1;

export const spanOfToken = (t: IToken, source: string): Span => ({
  source,
  start: t.startOffset,
  end: endOf(t),
});

export function spanOfNode(n: CstNode, source: string): Span {
  const start = n.location?.startOffset;
  const last = n.location?.endOffset;
  if (start === undefined || last === undefined) throw new Error(`${n.name} has no location`);
  return { source, start, end: last + 1 };
}
