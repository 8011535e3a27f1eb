/** @file The members of a model, each evaluated once, when something first asks for it. */
import type { Expr, InputMember, LabelMember, ValueMember } from '../../grammar/syntax.js';
import type { Span } from '../../grammar/span.js';
import { nameOf } from '../check/extends.js';
import type { FlatMember, FlatModel } from '../check/flat.js';
import { aNoun } from '../diagnostics/words.js';
import { Reported } from '../diagnostics/report.js';
import type { Dim } from '../graph/graph.js';
import type { HyperIR, InputIR, LabelIR } from '../model/ir.js';
import { Arguments } from './arguments.js';
import { COUNT, countUpTo, type Range } from '../scalar/ranges.js';
import type { Env, ModelNames, Owner, Shared } from './environment.js';
import { evaluate } from './evaluate.js';
import { buildGroup, type GroupLayer } from './groups.js';
import { mentionsOf } from '../check/mentions.js';
import { dependencyOrder } from './order.js';
import { describe, type LabelValue, type TensorValue, type Value } from './values.js';
import { suggestion } from '../diagnostics/suggestion.js';

/** A class list is kept name by name. */
const MOST_CLASSES = 100_000;

const INPUT_SIZES: Readonly<Record<string, number | undefined>> = {
  image: 3,
  vector: 1,
  clip: 4,
  tensor: undefined,
};

export class Members implements ModelNames {
  readonly #byName = new Map<string, FlatMember>();
  #names: readonly string[] | undefined;
  readonly #values = new Map<string, Value | 'failed'>();
  /** Members being evaluated, for cycles. */
  readonly #running: string[] = [];
  readonly inputs: InputIR[] = [];
  readonly labels: LabelIR[] = [];
  readonly hypers = new Map<string, HyperIR>();

  constructor(
    readonly model: FlatModel,
    readonly shared: Shared,
  ) {
    for (const flat of model.members) {
      const { member } = flat;
      if (member.kind !== 'predict' && member.kind !== 'train' && member.kind !== 'remove')
        this.#byName.set(member.name.text, flat);
    }
  }

  /** What an expression can mean: a loss is no value. */
  names = (): readonly string[] =>
    (this.#names ??= [...this.#byName.keys()].filter((name) => this.kindOf(name) !== 'loss'));

  losses = (): readonly string[] => this.namesOf('loss');

  namesOf(...kinds: readonly string[]): string[] {
    return [...this.#byName.values()]
      .filter((m) => kinds.includes(m.member.kind))
      .map((m) => ('name' in m.member ? m.member.name!.text : ''));
  }

  kindOf(name: string): string | undefined {
    return this.#byName.get(name)?.member.kind;
  }

  /** Where a member is declared, as a label; nothing for an unknown name. */
  labelOf(name: string): { labels?: readonly { span: Span; message: string }[] } {
    const flat = this.#byName.get(name);
    return flat ? { labels: [{ span: nameOf(flat.member).span, message: 'declared here' }] } : {};
  }

  /** As `env`, but of the model's names only hypers may be used: for `by`, `minimize` and `using`. */
  numbersOnly(env: Env, clause: string, code: string): Env {
    const lookup: ModelNames['lookup'] = (name, span, owner) => {
      const kind = this.kindOf(name);
      if (kind !== undefined && kind !== 'hyper') {
        this.shared.report.fail(
          code,
          span,
          `\`${clause}\` takes numbers made of hypers, and \`${name}\` is ${aNoun(kind)}`,
          {
            ...this.labelOf(name),
            hint: 'use a hyper',
          },
        );
      }
      return this.lookup(name, span, owner);
    };
    return { ...env, model: { lookup, names: () => this.namesOf('hyper'), losses: this.losses } };
  }

  /** As `env`, without groups and losses: for `where`. */
  valuesOnly(env: Env): Env {
    const kinds = ['hyper', 'input', 'label', 'value', 'noise'];
    const lookup: ModelNames['lookup'] = (name, span, owner) => {
      const kind = this.kindOf(name);
      if (kind !== undefined && !kinds.includes(kind)) {
        this.shared.report.fail(
          'ED4013',
          span,
          `\`where\` sees hypers, labels, inputs and values, and \`${name}\` is ${aNoun(kind)}`,
          {
            ...this.labelOf(name),
            hint:
              kind === 'group'
                ? `declare what it computes as a value, \`name = ${name}(x)\`, and use that`
                : 'declare what you want of it, per sample, as a value',
          },
        );
      }
      return this.lookup(name, span, owner);
    };
    return { ...env, model: { lookup, names: () => this.namesOf(...kinds), losses: this.losses } };
  }

  env(flat: FlatMember, owner: string): Env {
    return {
      scope: flat.scope,
      locals: new Map(),
      model: this,
      owner: { name: owner, applications: 0 },
      blocks: [],
    };
  }

  lookup = (name: string, span: Span, owner: Owner): Value | undefined => {
    const flat = this.#byName.get(name);
    if (!flat) return undefined;
    if (flat.member.kind === 'loss') {
      this.shared.report.fail('ED2015', span, `\`${name}\` is a loss, and a loss is not a value`, {
        labels: [{ span: flat.member.name.span, message: 'declared here' }],
        hint: 'to share its expression, give the expression a name of its own and use that name in the loss',
      });
    }
    const value = this.#evaluateOnce(name, flat, span);
    return flat.member.kind === 'group'
      ? { ...(value as GroupLayer), ...(value as GroupLayer).withOwner(owner) }
      : value;
  };

  /** Evaluates every member but the losses although nothing may ask for it. */
  forceAll(): void {
    const { names, longCycles } = dependencyOrder(new Set(this.#byName.keys()), (name) =>
      mentionsOf(this.#byName.get(name)!.member),
    );
    for (const loop of longCycles) {
      const { member } = this.#byName.get(loop[0]!)!;
      const shown = [...loop.slice(0, 3).map((n) => `\`${n}\``), '…', `\`${loop.at(-1)}\``];
      this.shared.report.error(
        'ED2004',
        nameOf(member).span,
        `names need each other: ${shown.join(' needs ')}`,
        {
          hint: 'one of them must not need the others',
        },
      );
      for (const name of loop) this.#values.set(name, 'failed');
    }
    for (const name of names) {
      const flat = this.#byName.get(name)!;
      if (flat.member.kind !== 'loss')
        this.shared.report.attempt(() => this.#evaluateOnce(name, flat, flat.member.span));
    }
  }

  #evaluateOnce(name: string, flat: FlatMember, span: Span): Value {
    const known = this.#values.get(name);
    if (known === 'failed') throw new Reported();
    if (known) return known;
    if (this.#running.includes(name)) {
      const loop = [...this.#running.slice(this.#running.indexOf(name)), name];
      this.shared.report.fail(
        'ED2004',
        span,
        `names need each other: ${loop.map((n) => `\`${n}\``).join(' needs ')}`,
        {
          hint: 'one of them must not need the others',
        },
      );
    }
    this.#running.push(name);
    try {
      const value = this.#evaluate(name, flat);
      this.#values.set(name, value);
      return value;
    } catch (error) {
      this.#values.set(name, 'failed');
      throw error;
    } finally {
      this.#running.pop();
    }
  }

  #evaluate(name: string, flat: FlatMember): Value {
    const { member } = flat;
    switch (member.kind) {
      case 'hyper':
        return this.#hyper(name, member, flat);
      case 'input':
        return this.#input(member, flat);
      case 'label':
        return this.#label(member, flat);
      case 'group':
        return buildGroup(name, member, this.env(flat, name), this.shared);
      default: {
        const value = evaluate((member as ValueMember).value, this.env(flat, name), this.shared);
        if (value.kind === 'layer') {
          this.shared.report.fail(
            'ED3008',
            (member as ValueMember).value.span,
            `\`${name}\` would be a layer; a layer with a name is a group`,
            {
              hint: `write \`group ${name} = …\``,
              fix: [{ span: { ...member.span, end: member.span.start }, replacement: 'group ' }],
            },
          );
        }
        return value;
      }
    }
  }

  #hyper(name: string, member: ValueMember, flat: FlatMember): Value {
    const { report, scalars } = this.shared;
    const value = evaluate(member.value, this.env(flat, name), this.shared);
    const declared = flat.declared && this.#kindOfHyper(flat.declared);
    if (declared && declared !== value.kind) {
      const expected = { number: 'a number', boolean: 'a truth value', string: 'a text' }[declared];
      report.fail(
        'ED3024',
        member.value.span,
        `\`${name}\` is ${expected}, and cannot become ${describe(value)}`,
        {
          labels: [{ span: flat.declared.span, message: 'its declared value' }],
          hint: `give it ${expected}`,
        },
      );
    }
    const span = member.name.span;
    if (value.kind === 'boolean' || value.kind === 'string') {
      this.hypers.set(name, { name, value: value.value, scheduled: false, span });
      return value;
    }
    if (value.kind !== 'number')
      this.shared.report.fail(
        'ED3008',
        member.value.span,
        `a hyper is a number, a truth value or a text, not ${describe(value)}`,
        { hint: 'to name a tensor, leave the word `hyper` out' },
      );
    const scheduled = value.number.kind !== 'fixed';
    this.hypers.set(name, { name, value: value.number, scheduled, span });
    return scheduled ? { kind: 'number', number: scalars.declare(name, value.number) } : value;
  }

  /** What a declared expression would give, told without computing it: what it mentions may have been replaced too. */
  #kindOfHyper(expr: Expr, seen: readonly string[] = []): 'number' | 'boolean' | 'string' {
    if (expr.kind === 'boolean' || expr.kind === 'string') return expr.kind;
    const other = expr.kind === 'name' && !seen.includes(expr.text) ? this.#byName.get(expr.text) : undefined;
    if (expr.kind !== 'name' || other?.member.kind !== 'hyper') return 'number';
    return this.#kindOfHyper(other.declared ?? other.member.value, [...seen, expr.text]);
  }

  #sizes(member: InputMember | LabelMember, flat: FlatMember, range: Range = COUNT): number[] {
    const env = this.env(flat, member.name.text);
    const args = new Arguments(
      member.type.name.text,
      member.type.span,
      { given: new Map(), rest: [] },
      [],
      (e) => evaluate(e, env, this.shared),
      this.shared.report,
    );
    return member.type.sizes.map((e) => args.fixedOf(e, 'size', range));
  }

  #input(member: InputMember, flat: FlatMember): TensorValue {
    const { report, builder } = this.shared;
    const { text } = member.type.name;
    if (!Object.hasOwn(INPUT_SIZES, text)) {
      report.fail(
        'ED3020',
        member.type.name.span,
        `there is no input type \`${text}\``,
        suggestion(member.type.name, Object.keys(INPUT_SIZES)),
      );
    }
    const sizes = this.#sizes(member, flat);
    const wanted = INPUT_SIZES[text];
    if (wanted !== undefined && sizes.length !== wanted) {
      const form = {
        image: 'image[height, width, channels]',
        vector: 'vector[n]',
        clip: 'clip[time, height, width, channels]',
      }[text];
      report.fail(
        'ED3020',
        member.type.span,
        `\`${text}\` has ${wanted} size${wanted === 1 ? '' : 's'}, and this has ${sizes.length}`,
        { hint: `write \`${form}\`` },
      );
    }
    const shape: Dim[] = ['batch', ...sizes];
    const name = member.name.text;
    const value = builder.emit('input', [], { name, shape }, { span: member.span, from: 'source' });
    this.inputs.push({
      name,
      kind: text as InputIR['kind'],
      shape,
      stream: null,
      field: null,
      value,
      span: member.name.span,
    });
    return { kind: 'tensor', id: value, type: builder.type(value) };
  }

  #label(member: LabelMember, flat: FlatMember): LabelValue {
    const { report, builder } = this.shared;
    const { text, span } = member.type.name;
    if (text !== 'class')
      report.fail(
        'ED3020',
        span,
        `there is no label type \`${text}\``,
        suggestion(member.type.name, ['class', 'multilabel', 'real', 'subject']),
      );
    const [count, ...more] = this.#sizes(member, flat, countUpTo(MOST_CLASSES));
    if (count === undefined || more.length > 0)
      report.fail('ED3020', member.type.span, 'a class label has one size, the number of classes', {
        hint: 'write, for example, `class[7]`',
      });
    const name = member.name.text;
    const label: LabelIR = {
      name,
      kind: 'class',
      classes: this.#classes(member, count),
      stream: null,
      field: null,
      span: member.name.span,
    };
    this.labels.push(label);
    let id: number | undefined;
    const value = (): number => {
      if (id === undefined) {
        id = builder.emit('label', [], { name }, { span: member.span, from: 'source' });
        this.labels[this.labels.findIndex((l) => l.name === name)] = { ...label, value: id };
      }
      return id;
    };
    return { kind: 'label', label, id: value };
  }

  #classes(member: LabelMember, count: number): readonly string[] {
    const { report } = this.shared;
    if (!member.of) {
      const fromData = this.model.dataClasses?.classes;
      return fromData?.length === count ? fromData : Array.from({ length: count }, (_, i) => String(i));
    }
    const names = member.of.map((n) => n.text);
    const twice = member.of.find((n, i) => names.indexOf(n.text) < i);
    if (twice)
      report.fail('ED2002', twice.span, `the class \`${twice.text}\` is listed twice`, {
        labels: [{ span: member.of.find((n) => n.text === twice.text)!.span, message: 'the first' }],
        hint: 'leave one of them out',
      });
    if (names.length !== count) {
      report.fail(
        'ED3019',
        member.type.span,
        `\`class[${count}]\` has ${count} classes, and ${names.length} are listed`,
        {
          labels: [
            {
              span: { ...member.of[0]!.span, end: member.of.at(-1)!.span.end },
              message: `${names.length} names`,
            },
          ],
          hint: `write \`class[${names.length}]\`, or list ${count} names`,
          ...(member.type.sizes[0]!.kind === 'number' && {
            fix: [{ span: member.type.sizes[0]!.span, replacement: String(names.length) }],
          }),
        },
      );
    }
    return names;
  }
}
