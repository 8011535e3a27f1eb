/** @file Declarations, members and settings as documents, with the columns they share with their neighbours. */
import type { CstNode, IToken } from 'chevrotain';
import { maybeNode, maybeToken, node, nodes, token, tokens } from '../cst.js';
import type { Statement } from './align.js';
import { group, hang, indent, line, pad, type Doc, type Pad } from './document.js';
import { BodyLayout, type Layout } from './bodies.js';

export class StatementLayout extends BodyLayout {
  /** The declarations of a file, with the comments between and around them. */
  file(cst: CstNode): { readonly doc: Doc; readonly statements: readonly Statement[] } {
    const items = nodes(cst, 'item').map(onlyChild);
    const { docs, statements } = this.statements(
      items.map((item) => this.part(item, () => this.#item(item))),
    );
    return { doc: [docs, this.ownAbove(undefined)], statements };
  }

  #item(cst: CstNode): Layout {
    switch (cst.name) {
      case 'importItem':
        return this.#import(cst);
      case 'block':
        return this.#block(cst);
      case 'model':
        return this.#model(cst);
      case 'data':
        return this.#braced('data', node(cst, 'dataHead'), cst, nodes(cst, 'setting'), (setting) =>
          this.#setting(setting, true),
        );
      default: {
        const lines = nodes(cst, 'experimentLine').map(onlyChild);
        return this.#braced('experiment', node(cst, 'experimentHead'), cst, lines, (one) =>
          this.#experimentLine(one),
        );
      }
    }
  }

  #import(cst: CstNode): Layout {
    const names = nodes(cst, 'importName').map((part) => {
      const words = inOrder([...tokens(part, 'Name'), ...tokens(part, 'As')]);
      return this.words(...words.map((word) => this.token(word)));
    });
    const open = maybeToken(cst, 'LeftBrace');
    const what = open
      ? this.bracketed(open, names, tokens(cst, 'Comma'), token(cst, 'RightBrace'), ' ')
      : this.token(token(cst, 'Name'));
    const column = pad();
    const from = this.words(this.token(token(cst, 'From')), this.token(token(cst, 'StringLiteral')));
    return {
      kind: 'import',
      doc: [this.token(token(cst, 'Import')), ' ', what, ' ', column, from],
      pads: [column],
    };
  }

  #block(cst: CstNode): Layout {
    const parameters = node(cst, 'parameters');
    const list = nodes(parameters, 'parameter').map((parameter) => {
      const value = maybeNode(parameter, 'expression');
      const name = this.token(token(parameter, 'Name'));
      return value ? this.words(name, this.token(token(parameter, 'Equals')), this.expression(value)) : name;
    });
    const inputs = maybeNode(cst, 'names');
    const head = [
      this.words(this.token(token(cst, 'Block')), this.token(token(cst, 'Name'))),
      this.#parenthesised(parameters, list, tokens(parameters, 'Comma')),
      inputs
        ? this.#parenthesised(
            cst,
            tokens(inputs, 'Name').map((name) => this.token(name)),
            tokens(inputs, 'Comma'),
          )
        : '',
    ];
    const body = maybeNode(cst, 'blockBody');
    if (body) {
      const parts = nodes(body, 'value').map((value) =>
        this.part(value, () => this.#assignment('value', value)),
      );
      const last = this.comments.last(node(body, 'expression'));
      const result = { first: token(body, 'Return'), last, layout: () => this.#return(body) };
      const { group: braces, statements } = this.body(body, [...parts, result]);
      return {
        kind: 'block',
        doc: [head, ' ', braces],
        foldable: { group: braces, pads: [] },
        body: statements,
      };
    }
    const column = pad();
    const value = node(cst, 'expression');
    const folded = group(indent([line(), this.expression(value)]), this.beginsLine(value));
    return {
      kind: 'block',
      doc: [head, ' ', column, this.token(token(cst, 'Equals')), folded],
      foldable: { group: folded, pads: [column] },
    };
  }

  #return(cst: CstNode): Layout {
    return { kind: 'return', doc: this.words(this.token(token(cst, 'Return')), this.#value(cst)) };
  }

  #parenthesised(cst: CstNode, items: readonly Doc[], commas: readonly IToken[]): Doc {
    return this.bracketed(token(cst, 'LeftParen'), items, commas, token(cst, 'RightParen'));
  }

  #model(cst: CstNode): Layout {
    const head = node(cst, 'modelHead');
    const members = nodes(cst, 'member').map(onlyChild);
    const parent = maybeNode(head, 'path');
    if (!parent) return this.#braced('model', head, cst, members, (member) => this.#member(member));
    const column = pad();
    const body = this.body(
      cst,
      members.map((member) => this.part(member, () => this.#member(member))),
    );
    const inner = pad();
    const doc = [
      this.words(this.token(token(head, 'Model')), this.token(token(head, 'Name'))),
      [' ', column, this.words(this.token(token(head, 'Extends')), this.path(parent))],
      [' ', inner, body.group],
    ];
    return {
      kind: 'extension',
      doc,
      pads: [column],
      foldable: { group: body.group, pads: [inner] },
      body: body.statements,
    };
  }

  /** `word Name { … }` */
  #braced(
    kind: string,
    head: CstNode,
    cst: CstNode,
    parts: readonly CstNode[],
    layout: (part: CstNode) => Layout,
  ): Layout {
    const words = inOrder(Object.values(head.children).flat().filter(isToken));
    const column = pad();
    const body = this.body(
      cst,
      parts.map((part) => this.part(part, () => layout(part))),
    );
    return {
      kind,
      doc: [this.words(...words.map((word) => this.token(word))), ' ', column, body.group],
      foldable: { group: body.group, pads: [column] },
      body: body.statements,
    };
  }

  #member(cst: CstNode): Layout {
    switch (cst.name) {
      case 'marked': {
        const keyword = token(cst, 'ValueKeyword');
        return this.#assignment(keyword.image, node(cst, 'value'), keyword);
      }
      case 'value':
        return this.#assignment('value', cst);
      case 'inputMember':
      case 'labelMember':
        return this.#stream(cst);
      case 'loss':
        return this.#loss(cst);
      case 'remove':
        return {
          kind: 'remove',
          doc: this.words(
            this.token(token(cst, 'Remove')),
            this.token(token(cst, 'what')),
            this.names(node(cst, 'names')),
          ),
        };
      default: {
        const items = nodes(cst, 'trainItem').map(onlyChild);
        return this.#braced('train', node(cst, 'trainHead'), cst, items, (item) => this.#trainItem(item));
      }
    }
  }

  /** `keyword name = value` */
  #assignment(kind: string, cst: CstNode, keyword?: IToken): Layout {
    const column = pad();
    const name = this.token(token(cst, 'Name'));
    const head = keyword ? this.words(this.token(keyword), name) : name;
    return {
      kind,
      doc: [head, ' ', column, this.words(this.token(token(cst, 'Equals')), this.#value(cst))],
      pads: [column],
    };
  }

  /** The expression in `cst`; what does not fit on the line goes on below its first character. */
  #value(cst: CstNode): Doc {
    return hang(this.expression(node(cst, 'expression')));
  }

  #stream(cst: CstNode): Layout {
    const [columnOfType, columnOfRest] = [pad(), pad()];
    const word = maybeToken(cst, 'Input') ?? token(cst, 'Label');
    const type = node(cst, 'type');
    const open = maybeToken(type, 'LeftBracket');
    const sizes = nodes(type, 'expression').map((size) => this.expression(size));
    const shape = open ? this.bracketed(open, sizes, tokens(type, 'Comma'), token(type, 'RightBracket')) : '';
    const classes = maybeNode(cst, 'classNames');
    const path = maybeNode(cst, 'path');
    const rest = [
      ...(classes
        ? [this.token(token(cst, 'Of')), this.list(this.classNames(classes), tokens(classes, 'Comma'))]
        : []),
      ...(path ? [this.token(token(cst, 'From')), this.path(path)] : []),
    ];
    return {
      kind: 'stream',
      doc: [
        this.words(this.token(word), this.token(token(cst, 'Name'))),
        [' ', columnOfType, this.token(token(cst, 'Colon')), ' ', this.token(token(type, 'Name')), shape],
        rest.length > 0 ? [' ', columnOfRest, this.words(...rest)] : '',
      ],
      pads: rest.length > 0 ? [columnOfType, columnOfRest] : [columnOfType],
    };
  }

  #loss(cst: CstNode): Layout {
    const head = this.words(this.token(token(cst, 'Loss')), this.token(token(cst, 'Name')));
    const equals = maybeToken(cst, 'Equals');
    const updates = maybeToken(cst, 'Updates');
    const targets = nodes(cst, 'target').map((target) => this.#target(target));
    const columns = [pad(), pad()];
    const value = equals ? [' ', columns[0]!, this.words(this.token(equals), this.#value(cst))] : '';
    if (!updates) return { kind: 'loss', doc: [head, value], pads: [columns[0]!] };
    const route = this.words(this.token(updates), this.list(targets, tokens(cst, 'Comma')));
    if (!equals) return { kind: 'route', doc: [head, ' ', columns[1]!, route], pads: [columns[1]!] };
    const folded = group(indent([line(), columns[1]!, route]), this.comments.before(updates).newline);
    return {
      kind: 'loss',
      doc: [head, value, folded],
      pads: [columns[0]!],
      foldable: { group: folded, pads: [columns[1]!] },
    };
  }

  #target(cst: CstNode): Doc {
    const several = maybeNode(cst, 'names');
    const groups = several
      ? this.#parenthesised(
          cst,
          tokens(several, 'Name').map((name) => this.token(name)),
          tokens(several, 'Comma'),
        )
      : this.token(token(cst, 'Name'));
    const [by, where, avoiding] = ['By', 'Where', 'Avoiding'].map((word) => maybeToken(cst, word));
    return this.words(
      groups,
      ...(by ? [this.token(by), this.sum(node(cst, 'sum'))] : []),
      ...(where ? [this.token(where), this.disjunction(node(cst, 'disjunction'))] : []),
      ...(avoiding ? [this.token(avoiding), this.token(token(cst, 'avoided'))] : []),
    );
  }

  #trainItem(cst: CstNode): Layout {
    switch (cst.name) {
      case 'minimize':
        return { kind: 'minimize', doc: this.#minimize(cst, pad()) };
      case 'step':
        return this.#step(cst);
      case 'freeze': {
        const words = [token(cst, 'Freeze'), ...tokens(cst, 'Statistics')].map((word) => this.token(word));
        return { kind: 'freeze', doc: this.words(...words, this.names(node(cst, 'names'))) };
      }
      case 'start': {
        const source = maybeToken(cst, 'stage') ?? token(cst, 'StringLiteral');
        const doc = this.words(
          this.token(token(cst, 'Start')),
          this.names(node(cst, 'names')),
          this.token(token(cst, 'From')),
          this.token(source),
        );
        return { kind: 'start', doc };
      }
      default:
        return this.#setting(cst, false);
    }
  }

  /** Each `using` has a line of its own where one has in the text. */
  #minimize(cst: CstNode, column: Pad): Doc {
    const clauses = nodes(cst, 'using');
    const apart = clauses.some((clause) => this.beginsLine(clause));
    const using = clauses.map((clause) => {
      const names = maybeNode(clause, 'names');
      return [
        line(),
        column,
        this.words(
          this.token(token(clause, 'Using')),
          this.#value(clause),
          ...(names ? [this.token(token(clause, 'For')), this.names(names)] : []),
        ),
      ];
    });
    const objective = this.words(this.token(token(cst, 'Minimize')), this.#value(cst));
    return group([objective, indent(using)], apart);
  }

  #step(cst: CstNode): Layout {
    const columns = [pad(), pad()];
    const how = maybeToken(cst, 'how');
    const head = this.words(
      this.token(token(cst, 'Step')),
      this.token(token(cst, 'Name')),
      ...(how ? [this.token(how), this.#value(cst)] : []),
    );
    const minimize = node(cst, 'minimize');
    const body = this.body(cst, [
      this.part(minimize, () => ({ kind: 'minimize', doc: this.#minimize(minimize, columns[1]!) })),
    ]);
    return {
      kind: 'step',
      doc: [head, ' ', columns[0]!, body.group],
      foldable: { group: body.group, pads: columns },
      body: body.statements,
    };
  }

  #experimentLine(cst: CstNode): Layout {
    if (cst.name === 'setting') return this.#setting(cst, true);
    const using = maybeNode(cst, 'with');
    const parts: Doc[] = [];
    const on = maybeNode(cst, 'bindings');
    if (cst.name === 'useModel') parts.push(this.path(node(cst, 'path')));
    if (cst.name === 'stage') parts.push(...tokens(cst, 'Ident').map((stage) => this.token(stage)));
    if (on) parts.push(this.token(token(on, 'On')), this.#streams(on));
    if (using) {
      const values = nodes(using, 'value').map((value) => this.binding(value));
      parts.push(this.token(token(using, 'With')), this.list(values, tokens(using, 'Comma')));
    }
    for (const clause of nodes(cst, 'carry')) {
      const words = [...tokens(clause, 'Reset'), ...tokens(clause, 'Statistics'), ...tokens(clause, 'Remap')];
      parts.push(...words.map((word) => this.token(word)), this.names(node(clause, 'names')));
    }
    const word = maybeToken(cst, 'Model') ?? maybeToken(cst, 'verb') ?? token(cst, 'Test');
    return this.#columnar(word, this.words(...parts));
  }

  #streams(cst: CstNode): Doc {
    const bindings = nodes(cst, 'binding').map((binding) => {
      const stream = maybeToken(binding, 'Name');
      const path = this.path(node(binding, 'path'));
      return stream ? [this.token(stream), this.token(token(binding, 'Colon')), ' ', path] : path;
    });
    return this.list(bindings, tokens(cst, 'Comma'));
  }

  /** `columnar`: in one column with the settings around it. */
  #setting(cst: CstNode, columnar: boolean): Layout {
    const values = node(cst, 'values');
    const list = this.list(
      nodes(values, 'expression').map((value) => this.expression(value)),
      tokens(values, 'Comma'),
    );
    const name = token(cst, 'Ident');
    return columnar
      ? this.#columnar(name, list)
      : { kind: 'train setting', doc: this.words(this.token(name), list) };
  }

  #columnar(word: IToken, rest: Doc): Layout {
    const column = pad();
    return { kind: 'setting', doc: [this.token(word), ' ', column, rest], pads: [column] };
  }
}

function onlyChild(cst: CstNode): CstNode {
  return nodes(cst, Object.keys(cst.children)[0]!)[0]!;
}

const isToken = (element: CstNode | IToken): element is IToken => !('children' in element);

const inOrder = (list: readonly IToken[]): IToken[] => list.toSorted((a, b) => a.startOffset - b.startOffset);
