/** @file What two models differ in: declarations, routes and training, not their order or their text. */
import { formatType } from '../graph/graph.js';
import type { FlatModel } from '../check/flat.js';
import { Unparser } from '../../grammar/unparse.js';
import type { GroupIR, LabelIR, LossIR, ModelIR, RouteIR } from '../model/ir.js';
import { countOf, formatHyper, formatInit, formatScalar } from '../model/print.js';
import { formatCoefficient, isOne } from '../scalar/coefficient.js';
import { compareTables, type Cell, type Difference } from './difference.js';
import { Numbering, Numbers } from './numbering.js';
import { compareStages } from './stages.js';

/** A model, and the text of its declarations where there is one. */
export interface Side {
  readonly model: ModelIR;
  readonly flat: FlatModel | undefined;
}

export function compareModels(a: Side, b: Side): Difference[] {
  const numbers = new Numbers();
  const cuts = commonValues(a.model, b.model);
  const [of, to] = [a, b].map((side) => new Seen(side, new Numbering(side.model, numbers, cuts))) as [
    Seen,
    Seen,
  ];
  const { losses } = a.model;
  const kept = losses.flatMap((loss) => {
    const other = b.model.losses.find((l) => l.name === loss.name);
    return other ? [[loss, other] as const] : [];
  });
  return [
    ...compareTables('hypers', of.hypers(), to.hypers()),
    ...compareTables('inputs', of.inputs(), to.inputs()),
    ...compareTables('labels', of.labels(b.model), to.labels(a.model)),
    ...compareGroups(of, to),
    ...compareDefinitions('values', of, to, ({ values }) => values),
    ...compareDefinitions('losses', of, to, ({ losses: all }) => all),
    ...kept.flatMap(([loss, other]) =>
      compareTables(`routes of ${loss.name}`, of.route(loss), to.route(other)),
    ),
    ...compareDefinitions('predictions', of, to, ({ predictions }) => predictions),
    ...compareStages(of, to),
  ];
}

/** Values of both models under the same name: what is computed from them is compared without them. */
function commonValues(a: ModelIR, b: ModelIR): ReadonlySet<string> {
  const names = new Set(b.values.map((v) => v.name));
  return new Set(a.values.map((v) => v.name).filter((name) => names.has(name)));
}

/** One side: its declarations as text and as numbers. */
export class Seen {
  readonly model: ModelIR;
  readonly #texts: ReadonlyMap<string, string>;

  constructor(
    { model, flat }: Side,
    readonly numbering: Numbering,
  ) {
    this.model = model;
    const unparser = new Unparser();
    this.#texts = new Map(
      (flat?.members ?? []).flatMap(({ member }) => {
        if (!('value' in member) || member.value === undefined) return [];
        const name = member.kind === 'predict' ? `predict ${member.name.text}` : member.name.text;
        return [[name, unparser.expression(member.value)] as const];
      }),
    );
  }

  /** The expression of a declaration, laid out on one line. */
  text(name: string): string | undefined {
    return this.#texts.get(name);
  }

  hypers(): Map<string, Cell> {
    const hypers = this.model.hypers.map(
      (h) => [h.name, { key: formatHyper(h), text: this.text(h.name) ?? formatHyper(h) }] as const,
    );
    const named = new Set(hypers.map(([name]) => name));
    const sums = this.model.scalars
      .filter((s) => !named.has(s.name))
      .map((s) => [s.name, { key: formatScalar(s.value), text: formatScalar(s.value) }] as const);
    return new Map([...hypers, ...sums]);
  }

  inputs(): Map<string, string> {
    return new Map(
      this.model.inputs.map(({ name, kind, shape, stream, field }) => [
        name,
        `${kind} ${formatType({ dtype: 'f32', shape })}${fromOf(stream, field)}`,
      ]),
    );
  }

  /** Classes have no names in a model that is bound to no data: then those that the other side has are no difference. */
  labels({ labels }: ModelIR): Map<string, string> {
    return new Map(
      this.model.labels.map((label) => {
        const other = labels.find(({ name }) => name === label.name);
        return [label.name, labelText(label, hasNames(label) && (!other || hasNames(other)))];
      }),
    );
  }

  /** `changes`: how many of its parameters and statistics differ. */
  group(group: GroupIR, changes: number): Cell {
    const text = [this.text(group.name), `${countOf(group.parameters)} parameters`];
    return {
      key: [this.numbering.group(group.name), changes === 0 ? '' : text.join()].join(),
      text: text.filter((part) => part !== undefined).join(', '),
    };
  }

  /** Two masks of one text may be two. */
  route({ route }: LossIR): Map<string, Cell> {
    const share = ({ by, mask }: RouteIR): Cell => {
      const factor = `by ${formatCoefficient(by)}`;
      if (!mask) return { key: factor, text: factor };
      return {
        key: `${factor} ${this.numbering.used(mask.value)}`,
        text: `${isOne(by) ? '' : `${factor} `}where ${mask.text}`,
      };
    };
    return new Map(route.map((r) => [r.group, share(r)]));
  }

  /** What declarations compute, and their text. */
  definitions(section: string, declared: readonly Declared[]): Map<string, Cell> {
    return new Map(
      declared.map(({ name, value, label }) => {
        const type = formatType(this.model.graph.values[value]!);
        const text = this.text(section === 'predictions' ? `predict ${name}` : name) ?? type;
        return [name, { key: [this.numbering.defined(value), type, label].join(), text }];
      }),
    );
  }
}

interface Declared {
  readonly name: string;
  readonly value: number;
  readonly label?: string | null;
}

const fromOf = (stream: string | null, field: string | null): string =>
  stream === null && field === null ? '' : ` from ${[stream, field].filter((x) => x !== null).join('.')}`;

const hasNames = ({ classes }: LabelIR): boolean => classes.some((name, i) => name !== String(i));

const labelText = ({ kind, classes, stream, field }: LabelIR, named: boolean): string =>
  [
    `${kind}${classes.length > 0 ? `[${classes.length}]` : ''}`,
    named ? ` of ${classes.join(', ')}` : '',
    fromOf(stream, field),
  ].join('');

function compareDefinitions(
  section: string,
  a: Seen,
  b: Seen,
  declared: (model: ModelIR) => readonly Declared[],
): Difference[] {
  return compareTables(
    section,
    a.definitions(section, declared(a.model)),
    b.definitions(section, declared(b.model)),
  );
}

function compareGroups(a: Seen, b: Seen): Difference[] {
  const [before, after] = [a, b].map((side) => new Map(side.model.groups.map((g) => [g.name, g]))) as [
    Map<string, GroupIR>,
    Map<string, GroupIR>,
  ];
  const parts = new Map(
    [...before].map(([name, group]) => [
      name,
      compareTables(`parameters of ${name}`, partsOf(group), partsOf(after.get(name))),
    ]),
  );
  const cells = (side: Seen): Map<string, Cell> =>
    new Map(
      side.model.groups.map((group) => [group.name, side.group(group, (parts.get(group.name) ?? []).length)]),
    );
  return [
    ...compareTables('groups', cells(a), cells(b)),
    ...[...parts].flatMap(([name, differences]) => (after.has(name) ? differences : [])),
  ];
}

const NOTHING = { parameters: [], statistics: [] };

/** Parameters and statistics by path. */
const partsOf = ({ parameters, statistics }: Pick<GroupIR, 'parameters' | 'statistics'> = NOTHING): Map<
  string,
  string
> =>
  new Map([
    ...parameters.map(
      ({ path, shape, role, init }) =>
        [path, `f32[${shape.join(', ')}] ${role} ${formatInit(init)}`] as const,
    ),
    ...statistics.map(
      ({ path, shape, initial }) => [path, `f32[${shape.join(', ')}] from ${initial}`] as const,
    ),
  ]);
