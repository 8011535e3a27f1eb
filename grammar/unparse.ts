/** @file Syntax tree to text, with the parentheses it needs and no layout: `format` brings it into one. */
import type {
  Binding,
  BlockItem,
  Expr,
  Identifier,
  LossMember,
  Member,
  MinimizeItem,
  TrainItem,
} from './syntax.js';

/** Another text for a name or a field, such as a block's new name; undefined leaves it. */
export type Rename = (expr: Extract<Expr, { kind: 'name' | 'field' }>) => string | undefined;

/** How tightly an expression binds; what stands in a place that asks for more needs parentheses. */
const LEVEL = {
  pipe: 0,
  as: 1,
  or: 2,
  and: 3,
  not: 4,
  comparison: 5,
  sum: 6,
  product: 7,
  unary: 8,
  power: 9,
  postfix: 10,
};

const BINARY: Readonly<Record<string, keyof typeof LEVEL>> = {
  or: 'or',
  and: 'and',
  '+': 'sum',
  '-': 'sum',
  '*': 'product',
  '/': 'product',
  '^': 'power',
};

export class Unparser {
  constructor(private readonly rename: Rename = () => undefined) {}

  block(item: BlockItem, name = item.name.text): string {
    const parameters = item.parameters.map(
      (p) => p.name.text + (p.default ? ` = ${this.expression(p.default)}` : ''),
    );
    const inputs = item.inputs ? `(${names(item.inputs)})` : '';
    const result = this.expression(item.result);
    const body =
      item.bindings.length === 0
        ? `= ${result}`
        : `{\n${item.bindings.map((b) => `${this.#binding(b)}\n`).join('')}return ${result}\n}`;
    return `${documented(item.doc)}block ${name}(${parameters.join(', ')})${inputs} ${body}\n`;
  }

  expression(expr: Expr, least: number = LEVEL.pipe): string {
    const [level, text] = this.#leveled(expr);
    return level < least ? `(${text})` : text;
  }

  #leveled(expr: Expr): readonly [level: number, text: string] {
    switch (expr.kind) {
      case 'number':
        return [LEVEL.postfix, expr.text];
      case 'string':
        return [LEVEL.postfix, quoted(expr.value)];
      case 'boolean':
        return [LEVEL.postfix, String(expr.value)];
      case 'name':
        return [LEVEL.postfix, this.rename(expr) ?? expr.text];
      case 'field': {
        const object = (): string => this.expression(expr.object, LEVEL.postfix);
        return [LEVEL.postfix, this.rename(expr) ?? `${object()}.${expr.field.text}`];
      }
      case 'list':
        return [LEVEL.postfix, `[${expr.items.map((item) => this.expression(item)).join(', ')}]`];
      case 'call': {
        const args = expr.arguments.map(
          ({ name, value }) => (name ? `${name.text}: ` : '') + this.expression(value),
        );
        return [LEVEL.postfix, `${this.expression(expr.callee, LEVEL.postfix)}(${args.join(', ')})`];
      }
      case 'unary': {
        const level = expr.operator === '-' ? LEVEL.unary : LEVEL.not;
        return [level, `${expr.operator === '-' ? '-' : 'not '}${this.expression(expr.operand, level)}`];
      }
      case 'binary': {
        const kind = BINARY[expr.operator] ?? 'comparison';
        const level = LEVEL[kind];
        // Powers group to the right and take a sign there, comparisons do not group, all others group to the left.
        const [left, right] =
          kind === 'power'
            ? [LEVEL.postfix, LEVEL.unary]
            : kind === 'comparison'
              ? [LEVEL.sum, LEVEL.sum]
              : [level, level + 1];
        const operator = kind === 'power' ? '^' : ` ${expr.operator} `;
        return [level, this.expression(expr.left, left) + operator + this.expression(expr.right, right)];
      }
      case 'is':
        return [LEVEL.comparison, `${this.expression(expr.left, LEVEL.sum)} is ${expr.className.text}`];
      case 'in':
        return [LEVEL.comparison, `${this.expression(expr.left, LEVEL.sum)} in [${names(expr.classNames)}]`];
      case 'pipe':
        return [LEVEL.pipe, `${this.expression(expr.left)} |> ${this.expression(expr.right, LEVEL.as)}`];
      case 'as':
        return [LEVEL.as, `${this.expression(expr.operand, LEVEL.or)} as ${expr.name.text}`];
    }
  }

  #binding({ name, value }: Binding): string {
    return `${name.text} = ${this.expression(value)}`;
  }

  member(member: Member): string {
    if (member.kind === 'remove') return `remove ${member.what} ${names(member.names)}`;
    return documented(member.doc) + this.#declaration(member);
  }

  #declaration(member: Exclude<Member, { kind: 'remove' }>): string {
    switch (member.kind) {
      case 'input':
      case 'label': {
        const { name, sizes } = member.type;
        const type =
          name.text + (sizes.length > 0 ? `[${sizes.map((s) => this.expression(s)).join(', ')}]` : '');
        const of = member.kind === 'label' && member.of ? ` of ${names(member.of)}` : '';
        const from = member.from ? ` from ${member.from.parts.map((p) => p.text).join('.')}` : '';
        return `${member.kind} ${member.name.text} : ${type}${of}${from}`;
      }
      case 'loss':
        return this.#loss(member);
      case 'train': {
        const items = member.items.map((item) => `${this.#trainItem(item)}\n`);
        return `train ${member.name?.text ?? ''} {\n${items.join('')}}`;
      }
      case 'value':
        return this.#binding(member);
      default:
        return `${member.kind} ${this.#binding(member)}`;
    }
  }

  #loss({ name, value, route }: LossMember): string {
    const targets = (route ?? []).map(({ groups, by, where, avoiding }) =>
      [
        groups.length === 1 ? groups[0]!.text : `(${names(groups)})`,
        ...(by ? [`by ${this.expression(by, LEVEL.sum)}`] : []),
        ...(where ? [`where ${this.expression(where, LEVEL.or)}`] : []),
        ...(avoiding ? [`avoiding ${avoiding.text}`] : []),
      ].join(' '),
    );
    return [
      `loss ${name.text}${value ? ` = ${this.expression(value)}` : ''}`,
      ...(route ? [`updates ${targets.join(', ')}`] : []),
    ].join('\n');
  }

  #trainItem(item: TrainItem): string {
    switch (item.kind) {
      case 'minimize':
        return this.#minimize(item, '\n');
      case 'step': {
        const how = item.repeat
          ? ` repeat ${this.expression(item.repeat)}`
          : item.every
            ? ` every ${this.expression(item.every)}`
            : '';
        return `step ${item.name.text}${how} { ${this.#minimize(item.minimize, ' ')} }`;
      }
      case 'freeze':
        return `freeze ${item.statistics ? 'statistics ' : ''}${names(item.names)}`;
      case 'start':
        return `start ${names(item.names)} from ${item.fromFile ? quoted(item.from.text) : item.from.text}`;
      case 'setting':
        return `${item.name.text} ${item.values.map((v) => this.expression(v)).join(', ')}`;
    }
  }

  #minimize({ objective, using }: MinimizeItem, separator: string): string {
    const clauses = using.map(
      (u) => `using ${this.expression(u.optimizer)}${u.for ? ` for ${names(u.for)}` : ''}`,
    );
    return [`minimize ${this.expression(objective)}`, ...clauses].join(separator);
  }
}

const names = (list: readonly Identifier[]): string => list.map((name) => name.text).join(', ');

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;

const documented = (doc: string | undefined): string =>
  doc === undefined ? '' : doc.replace(/^/gm, '# ').replace(/ +$/gm, '') + '\n';
