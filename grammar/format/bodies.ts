/** @file Statements one after the other, with the comments and empty lines between them; and bodies, which hold them in braces. */
import type { CstNode, IToken } from 'chevrotain';
import { token } from '../cst.js';
import type { Statement } from './align.js';
import { group, indent, line, type Doc, type Group } from './document.js';
import { ExpressionLayout } from './expressions.js';

/** A statement without its neighbours. */
export type Layout = Pick<Statement, 'kind' | 'doc'> & Partial<Pick<Statement, 'pads' | 'foldable' | 'body'>>;

/** A statement before it is laid out. */
interface Part {
  readonly first: IToken;
  readonly last: IToken;
  layout(): Layout;
}

interface Body {
  readonly group: Group;
  readonly statements: readonly Statement[];
}

export class BodyLayout extends ExpressionLayout {
  /** `{ … }`: on one line only where it is in the text. */
  protected body(cst: CstNode, parts: readonly Part[]): Body {
    const [open, close] = [token(cst, 'LeftBrace'), token(cst, 'RightBrace')];
    const end = this.comments.before(close);
    const { docs, statements } = this.statements(parts, '  ');
    const broken =
      parts.some((part) => this.comments.before(part.first).newline) || (parts.length > 0 && end.newline);
    this.comments.takeAbove(close);
    if (parts.length === 0 && end.own.length === 0)
      return { group: group([this.token(open), this.token(close)]), statements };
    const rest = this.ownAbove(close, parts.length === 0);
    const body = [this.token(open), indent([line(), docs, rest]), line(), this.token(close)];
    return { group: group(body, broken), statements };
  }

  protected part(cst: CstNode, layout: () => Layout): Part {
    return { first: this.comments.first(cst), last: this.comments.last(cst), layout };
  }

  /** Statements one after the other with the comments and empty lines between them; `separator` where they could share a line. */
  protected statements(
    parts: readonly Part[],
    separator = ' ',
  ): { docs: Doc; statements: readonly Statement[] } {
    const statements: Statement[] = [];
    const docs = parts.map(({ first, last, layout }, i): Doc => {
      const { own, blank } = this.comments.before(first);
      this.comments.takeAbove(first);
      const behind = this.comments.takeBehind(last);
      const laid = layout();
      statements.push({ pads: [], body: [], ...laid, adjacent: i > 0 && own.length === 0 && !blank });
      const apart = blank && (i > 0 || own.length > 0);
      const between = i > 0 || own.length > 0 ? line(separator, apart) : '';
      return [this.own(own, i === 0), between, laid.doc, behind];
    });
    return { docs, statements };
  }

  /** The comments above `token`, or above the end of the text. */
  protected ownAbove(above: IToken | undefined, first = false): Doc {
    return this.own(this.comments.before(above).own, first);
  }

  private own(comments: readonly { readonly text: string; readonly blank: boolean }[], first: boolean): Doc {
    return comments.map(({ text, blank }, i): Doc => {
      const begins = first && i === 0;
      return [begins ? '' : line(' ', blank), { kind: 'own', comment: text }];
    });
  }

  protected beginsLine(cst: CstNode): boolean {
    return this.comments.before(this.comments.first(cst)).newline;
  }
}
