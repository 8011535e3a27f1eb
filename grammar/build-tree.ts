/** @file The syntax tree from the parser's concrete tree: declarations, members, settings. */
import type { CstNode, IToken } from 'chevrotain';
import { ExpressionBuilder } from './build-expression.js';
import { maybeNode, maybeToken, node, nodes, spanOfNode, token } from './cst.js';
import type { DocComments } from './doc-comments.js';
import type { Span } from './span.js';
import type * as tree from './syntax.js';

/** Leaves absent what is undefined, so that trees compare equal however they were built. */
function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}

function onlyChild(cst: CstNode): CstNode {
  const name = Object.keys(cst.children)[0];
  return node(cst, name ?? 'alternative');
}

export class TreeBuilder extends ExpressionBuilder {
  constructor(
    source: string,
    private readonly comments: DocComments,
  ) {
    super(source);
  }

  item(cst: CstNode): tree.Item {
    const child = onlyChild(cst);
    if (child.name === 'importItem') return this.importItem(child);
    if (child.name === 'block') return this.block(child);
    const span = spanOfNode(child, this.source);
    if (child.name === 'model') {
      const members = nodes(child, 'member').map((member) => this.member(member));
      return this.model(node(child, 'modelHead'), members, span);
    }
    if (child.name === 'data') return this.data(node(child, 'dataHead'), this.settings(child), span);
    const lines = nodes(child, 'experimentLine').map((line) => this.experimentLine(line));
    return this.experiment(node(child, 'experimentHead'), lines, span);
  }

  model(head: CstNode, members: tree.Member[], span: Span): tree.ModelItem {
    const parent = maybeNode(head, 'path');
    return {
      kind: 'model',
      name: this.identifier(token(head, 'Name')),
      ...given('parent', parent && this.path(parent)),
      members,
      ...this.doc(token(head, 'Model')),
      span,
    };
  }

  train(head: CstNode, items: tree.TrainItem[], span: Span): tree.TrainMember {
    const name = maybeToken(head, 'Name');
    return {
      kind: 'train',
      ...given('name', name && this.identifier(name)),
      items,
      ...this.doc(token(head, 'Train')),
      span,
    };
  }

  data(head: CstNode, settings: tree.Setting[], span: Span): tree.DataItem {
    const name = this.identifier(token(head, 'Name'));
    return { kind: 'data', name, settings, ...this.doc(token(head, 'Data')), span };
  }

  experiment(head: CstNode, lines: tree.ExperimentLine[], span: Span): tree.ExperimentItem {
    const name = this.identifier(token(head, 'Name'));
    return { kind: 'experiment', name, lines, ...this.doc(token(head, 'Experiment')), span };
  }

  member(cst: CstNode): tree.Member {
    const child = onlyChild(cst);
    const span = spanOfNode(child, this.source);
    switch (child.name) {
      case 'marked': {
        const keyword = token(child, 'ValueKeyword');
        const { name, value } = this.binding(node(child, 'value'));
        const kind = keyword.image as tree.ValueMember['kind'];
        return { kind, name, value, ...this.doc(keyword), span };
      }
      case 'value': {
        const { name, value } = this.binding(child);
        return { kind: 'value', name, value, ...this.doc(token(child, 'Name')), span };
      }
      case 'inputMember':
        return this.input(child, span);
      case 'labelMember':
        return this.label(child, span);
      case 'loss':
        return this.loss(child, span);
      case 'remove': {
        const what = token(child, 'what').image as tree.RemoveMember['what'];
        return { kind: 'remove', what, names: this.identifiers(node(child, 'names')), span };
      }
      default: {
        const items = nodes(child, 'trainItem').map((item) => this.trainItem(item));
        return this.train(node(child, 'trainHead'), items, span);
      }
    }
  }

  trainItem(cst: CstNode): tree.TrainItem {
    const child = onlyChild(cst);
    const span = spanOfNode(child, this.source);
    switch (child.name) {
      case 'minimize':
        return this.minimize(child);
      case 'step': {
        const how = maybeToken(child, 'how')?.image;
        const count = maybeNode(child, 'expression');
        const times = count && this.expression(count);
        return {
          kind: 'step',
          name: this.identifier(token(child, 'Name')),
          ...given('repeat', how === 'repeat' ? times : undefined),
          ...given('every', how === 'every' ? times : undefined),
          minimize: this.minimize(node(child, 'minimize')),
          span,
        };
      }
      case 'freeze': {
        const statistics = maybeToken(child, 'Statistics') !== undefined;
        return { kind: 'freeze', statistics, names: this.identifiers(node(child, 'names')), span };
      }
      case 'start': {
        const names = this.identifiers(node(child, 'names'));
        const file = maybeToken(child, 'StringLiteral');
        const from = file === undefined ? this.identifier(token(child, 'stage')) : this.text(file);
        return { kind: 'start', names, from, fromFile: file !== undefined, span };
      }
      default:
        return this.setting(child);
    }
  }

  experimentLine(cst: CstNode): tree.ExperimentLine {
    const child = onlyChild(cst);
    const span = spanOfNode(child, this.source);
    switch (child.name) {
      case 'useModel':
        return { kind: 'use-model', model: this.path(node(child, 'path')), with: this.with(child), span };
      case 'stage': {
        const stage = maybeToken(child, 'Ident');
        const carried = (word: string, ofStatistics = false): tree.Identifier[] | undefined => {
          const clauses = nodes(child, 'carry').filter(
            (c) => maybeToken(c, word) && (maybeToken(c, 'Statistics') !== undefined) === ofStatistics,
          );
          const names = clauses.flatMap((c) => this.identifiers(node(c, 'names')));
          return names.length === 0 ? undefined : names;
        };
        return {
          kind: 'stage',
          verb: token(child, 'verb').image as tree.StageLine['verb'],
          ...given('stage', stage && this.identifier(stage)),
          on: this.streams(child),
          with: this.with(child),
          ...given('reset', carried('Reset')),
          ...given('resetStatistics', carried('Reset', true)),
          ...given('remap', carried('Remap')),
          span,
        };
      }
      case 'test':
        return { kind: 'test', on: this.streams(child), span };
      default:
        return this.setting(child);
    }
  }

  setting(cst: CstNode): tree.Setting {
    const name = this.identifier(token(cst, 'Ident'));
    const values = nodes(node(cst, 'values'), 'expression').map((value) => this.expression(value));
    return { kind: 'setting', name, values, span: spanOfNode(cst, this.source) };
  }

  private settings(cst: CstNode): tree.Setting[] {
    return nodes(cst, 'setting').map((setting) => this.setting(setting));
  }

  private importItem(cst: CstNode): tree.ImportItem {
    const namespace = maybeToken(cst, 'Name');
    const names = nodes(cst, 'importName').map((part) => {
      const [name, as] = this.identifiers(part);
      return { name: name!, ...given('as', as) };
    });
    return {
      kind: 'import',
      ...(namespace === undefined ? { names } : { namespace: this.identifier(namespace) }),
      from: this.text(token(cst, 'StringLiteral')),
      span: spanOfNode(cst, this.source),
    };
  }

  private block(cst: CstNode): tree.BlockItem {
    const parameters = nodes(node(cst, 'parameters'), 'parameter').map((parameter) => {
      const value = maybeNode(parameter, 'expression');
      const name = this.identifier(token(parameter, 'Name'));
      return { name, ...given('default', value && this.expression(value)) };
    });
    const inputs = maybeNode(cst, 'names');
    const body = maybeNode(cst, 'blockBody');
    return {
      kind: 'block',
      name: this.identifier(token(cst, 'Name')),
      parameters,
      ...given('inputs', inputs && this.identifiers(inputs)),
      bindings: body === undefined ? [] : nodes(body, 'value').map((value) => this.binding(value)),
      result: this.expression(node(body ?? cst, 'expression')),
      ...this.doc(token(cst, 'Block')),
      span: spanOfNode(cst, this.source),
    };
  }

  private input(cst: CstNode, span: Span): tree.InputMember {
    const from = maybeNode(cst, 'path');
    return {
      kind: 'input',
      name: this.identifier(token(cst, 'Name')),
      type: this.type(node(cst, 'type')),
      ...given('from', from && this.path(from)),
      ...this.doc(token(cst, 'Input')),
      span,
    };
  }

  private label(cst: CstNode, span: Span): tree.LabelMember {
    const of = maybeNode(cst, 'classNames');
    const from = maybeNode(cst, 'path');
    return {
      kind: 'label',
      name: this.identifier(token(cst, 'Name')),
      type: this.type(node(cst, 'type')),
      ...given('of', of && this.classNames(of)),
      ...given('from', from && this.path(from)),
      ...this.doc(token(cst, 'Label')),
      span,
    };
  }

  private type(cst: CstNode): tree.TypeExpr {
    const sizes = nodes(cst, 'expression').map((size) => this.expression(size));
    return { name: this.identifier(token(cst, 'Name')), sizes, span: spanOfNode(cst, this.source) };
  }

  private loss(cst: CstNode, span: Span): tree.LossMember {
    const name = this.identifier(token(cst, 'Name'));
    const value = maybeNode(cst, 'expression');
    const targets = nodes(cst, 'target').map((target) => this.target(target));
    const route = targets.length === 0 ? undefined : targets;
    if (value === undefined && route === undefined) {
      this.problems.push({
        code: 'ED1016',
        severity: 'error',
        message: `the loss \`${name.text}\` has neither a value nor a route`,
        span,
        hint: `write \`loss ${name.text} = … updates …\`; to change an inherited loss, give the part that changes`,
      });
    }
    return {
      kind: 'loss',
      name,
      ...given('value', value && this.expression(value)),
      ...given('route', route),
      ...this.doc(token(cst, 'Loss')),
      span,
    };
  }

  private target(cst: CstNode): tree.Target {
    const group = maybeNode(cst, 'names');
    const by = maybeNode(cst, 'sum');
    const where = maybeNode(cst, 'disjunction');
    const avoiding = maybeToken(cst, 'avoided');
    return {
      groups: this.identifiers(group ?? cst),
      ...given('by', by && this.sum(by)),
      ...given('where', where && this.disjunction(where)),
      ...given('avoiding', avoiding && this.identifier(avoiding)),
      span: spanOfNode(cst, this.source),
    };
  }

  private minimize(cst: CstNode): tree.MinimizeItem {
    const using = nodes(cst, 'using').map((clause) => {
      const names = maybeNode(clause, 'names');
      return {
        optimizer: this.expression(node(clause, 'expression')),
        ...given('for', names && this.identifiers(names)),
        span: spanOfNode(clause, this.source),
      };
    });
    const objective = this.expression(node(cst, 'expression'));
    return { kind: 'minimize', objective, using, span: spanOfNode(cst, this.source) };
  }

  private binding(cst: CstNode): tree.Binding {
    const name = this.identifier(token(cst, 'Name'));
    const value = this.expression(node(cst, 'expression'));
    return { name, value, span: spanOfNode(cst, this.source) };
  }

  private with(cst: CstNode): tree.Binding[] {
    const clause = maybeNode(cst, 'with');
    return clause === undefined ? [] : nodes(clause, 'value').map((value) => this.binding(value));
  }

  private streams(cst: CstNode): tree.StreamBinding[] {
    return nodes(node(cst, 'bindings'), 'binding').map((binding) => {
      const stream = maybeToken(binding, 'Name');
      const data = this.path(node(binding, 'path'));
      const span = spanOfNode(binding, this.source);
      return { ...given('stream', stream && this.identifier(stream)), data, span };
    });
  }

  private doc(first: IToken): { doc?: string } {
    return given('doc', this.comments.above(first));
  }
}
