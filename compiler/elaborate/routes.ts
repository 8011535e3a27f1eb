/** @file The routes of the losses: names resolved, `all` spelt out, and the proof that every routed group is reached. */
import type { LossMember, Target } from '../../grammar/syntax.js';
import type { Span } from '../../grammar/span.js';
import type { FlatMember } from '../check/flat.js';
import { formatType, type Graph, type Node } from '../graph/graph.js';
import type { LossIR, MaskIR, RouteIR } from '../model/ir.js';
import { isOpenEdge } from '../ops/table.js';
import { isExit } from '../routing/exits.js';
import { producers } from '../routing/terms.js';
import * as C from '../scalar/coefficient.js';
import type { Coefficient } from '../scalar/coefficient.js';
import type { Shared } from './environment.js';
import { evaluate } from './evaluate.js';
import type { Members } from './members.js';
import { sampleMask, textOf } from './masks.js';
import { firstCut, openFrom, parametersOf, reachOf, type Reach } from './reach.js';
import { describe } from './values.js';
import { listed, suggestion } from '../diagnostics/suggestion.js';
import { aNoun } from '../diagnostics/words.js';

export interface RouteContext {
  readonly graph: Graph;
  readonly members: Members;
  readonly shared: Shared;
  /** Declared values, for messages: value id → name. */
  readonly valueNames: ReadonlyMap<number, string>;
}

/** The route of a loss; entries that fail are reported and left out. */
export function resolveRoute(flat: FlatMember<LossMember>, value: number, context: RouteContext): LossIR {
  const { member } = flat;
  const { report } = context.shared;
  const reach = reachOf(context.graph, value);
  const route: RouteIR[] = [];
  const named = new Map<string, Span>();
  for (const target of member.route ?? []) {
    const by = coefficientOf(target, flat, context);
    const where = maskOf(target, flat, context);
    for (const group of target.groups) {
      for (const name of group.text === 'all'
        ? allReached(group.span, member, reach, context)
        : [group.text]) {
        if (group.text !== 'all' && !isGroup(name, group.span, context)) continue;
        const before = named.get(name);
        if (before) {
          report.error('ED4003', group.span, `\`${member.name.text}\` updates \`${name}\` twice`, {
            labels: [{ span: before, message: 'named here already' }],
            hint: 'leave one of them out',
          });
          continue;
        }
        named.set(name, group.span);
        checkReached(name, group.span, member, reach, context);
        if (typeof where === 'object') checkExits(name, target.where!.span, member, value, reach, context);
        if (C.isZero(by) || where === 'none') continue;
        route.push({ group: name, by, ...(where !== 'all' && { mask: where }), span: group.span });
      }
    }
  }
  return { name: member.name.text, value, route, span: member.name.span };
}

function isGroup(name: string, span: Span, { members, shared }: RouteContext): boolean {
  if (members.kindOf(name) === 'group') return true;
  const kind = members.kindOf(name);
  const groups = members.namesOf('group');
  shared.report.error(
    'ED4002',
    span,
    kind ? `\`${name}\` is ${aNoun(kind)}, and a route names groups` : `there is no group \`${name}\``,
    { ...members.labelOf(name), ...suggestion({ text: name, span }, groups) },
  );
  return false;
}

function coefficientOf(
  target: Target,
  flat: FlatMember<LossMember>,
  { members, shared }: RouteContext,
): Coefficient {
  if (!target.by) return C.ONE;
  const { report } = shared;
  const env = members.numbersOnly(members.env(flat, flat.member.name.text), 'by', 'ED4012');
  const value = report.attempt(() => evaluate(target.by!, env, shared));
  if (!value) return C.ONE;
  if (value.kind !== 'number') {
    report.error('ED4012', target.by.span, `\`by\` takes a number made of hypers, not ${describe(value)}`, {
      hint: 'to scale per sample, write the factor into the loss',
    });
    return C.ONE;
  }
  const by = shared.scalars.coefficient(value.number);
  if (C.isOne(by)) {
    const end = target.groups.at(-1)!.span.end;
    report.warning('ED4009', target.by.span, '`by 1` has no effect', {
      hint: 'leave it out',
      ...(isBare(target) && { fix: [{ span: { ...target.by.span, start: end }, replacement: '' }] }),
    });
  }
  if (C.isZero(by)) {
    report.warning(
      'ED4009',
      target.by.span,
      `\`by 0\`: ${listed(target.groups.map((g) => g.text))} ${target.groups.length === 1 ? 'gets' : 'get'} nothing from \`${flat.member.name.text}\``,
      {
        hint: 'leave the group out of the route',
      },
    );
  }
  return by;
}

/** The mask of a target; `all` where it has none, or one that does not count. */
function maskOf(
  target: Target,
  flat: FlatMember<LossMember>,
  { members, shared }: RouteContext,
): 'all' | 'none' | MaskIR {
  const { where } = target;
  if (!where) return 'all';
  const { report } = shared;
  const env = members.valuesOnly(members.env(flat, `${flat.member.name.text} where ${where.span.start}`));
  const found = report.attempt(() => sampleMask(evaluate(where, env, shared), where.span, report));
  if (found === undefined) return 'all';
  if (typeof found === 'object') return { value: found.id, text: textOf(where) };
  const who = `${listed(target.groups.map((g) => g.text))} ${target.groups.length === 1 ? 'gets' : 'get'}`;
  const end = (target.by ?? target.groups.at(-1)!).span.end;
  if (found === 'none')
    report.warning(
      'ED4009',
      where.span,
      `\`where false\`: ${who} nothing from \`${flat.member.name.text}\``,
      {
        hint: 'leave the group out of the route',
      },
    );
  else
    report.warning('ED4009', where.span, '`where true` has no effect', {
      hint: 'leave it out',
      ...(isBare(target) && { fix: [{ span: { ...where.span, start: end }, replacement: '' }] }),
    });
  return found;
}

/** No parentheses around its groups, whose end has no span. */
const isBare = (target: Target): boolean => target.span.start === target.groups[0]!.span.start;

/** A mask acts where the group is read from outside: everything there must have samples. */
function checkExits(
  group: string,
  span: Span,
  loss: LossMember,
  value: number,
  reach: Reach,
  { graph, shared }: RouteContext,
): void {
  const above = openFrom(
    graph,
    parametersOf(graph, group).map((p) => p.outputs[0]!),
  );
  const producer = producers(graph);
  const leaves = (id: number): boolean =>
    producer.get(id)!.group === group &&
    (id === value ||
      graph.nodes.some((node) =>
        node.inputs.some(
          (input, k) =>
            input === id &&
            node.outputs.some((output) => reach.open.has(output)) &&
            isOpenEdge(node, k, graph.values) &&
            isExit(producer.get(id)!, node, graph.values[id]!),
        ),
      ));
  const whole = [...above].find(
    (id) => graph.values[id]!.shape[0] !== 'batch' && reach.open.has(id) && leaves(id),
  );
  if (whole === undefined) return;
  shared.report.error(
    'ED4014',
    span,
    `\`${group}\` gives \`${formatType(graph.values[whole]!)}\`, in which no sample can be told from another`,
    {
      labels: [
        { span: producer.get(whole)!.origin.span ?? loss.name.span, message: 'read outside the group' },
      ],
      hint: 'take the `where` away, or let the group give a value per sample',
    },
  );
}

function allReached(
  span: Span,
  loss: LossMember,
  reach: Reach,
  { graph, members, shared }: RouteContext,
): string[] {
  const groups = members
    .namesOf('group')
    .filter((name) => parametersOf(graph, name).some((p) => reach.open.has(p.outputs[0]!)));
  if (groups.length === 0) {
    shared.report.error('ED4007', span, `no group reaches \`${loss.name.text}\`, so \`all\` is empty`, {
      labels: [{ span: loss.value!.span, message: 'no gradient of this arrives at any parameter' }],
      hint: 'compute the loss from the output of a group',
    });
  }
  return groups;
}

function checkReached(
  group: string,
  span: Span,
  loss: LossMember,
  reach: Reach,
  context: RouteContext,
): void {
  const { graph, shared, members } = context;
  const parameters = parametersOf(graph, group);
  const reached = parameters.filter((p) => reach.open.has(p.outputs[0]!));
  if (parameters.length > 0 && reached.length === parameters.length) return;
  const name = loss.name.text;
  if (reached.length > 0) {
    const rest = parameters.filter((p) => !reached.includes(p)).map((p) => String(p.attrs['path']));
    shared.report.warning('ED4006', span, `\`${name}\` reaches only a part of \`${group}\``, {
      label: `no path to ${listed(rest)}`,
      labels: [{ span: loss.value!.span, message: 'the loss' }],
      hint: `to teach all of \`${group}\`, compute the loss from its output`,
    });
    return;
  }
  if (parameters.length === 0 && shared.parameters.applied.has(group)) {
    shared.report.error('ED4005', span, `\`${group}\` has no parameters, so there is nothing to update`, {
      hint: `leave \`${group}\` out: gradients pass through it anyway`,
    });
    return;
  }
  const connected = parameters.some((p) => reach.connected.has(p.outputs[0]!));
  const cut = connected
    ? firstCut(
        graph,
        reach,
        parameters.map((p) => p.outputs[0]!),
      )
    : undefined;
  if (cut) {
    shared.report.error(
      'ED4004',
      span,
      `\`${name}\` cannot update \`${group}\`: its gradient ${endOf(cut, context)} by \`${cut.op}\``,
      {
        label: `no gradient of \`${name}\` arrives here`,
        labels: [
          { span: loss.value!.span, message: 'the loss' },
          ...(cut.origin.span
            ? [{ span: cut.origin.span, message: `\`${cut.op}\` lets no gradient pass` }]
            : []),
        ],
        hint:
          cut.op === 'stop'
            ? `take the \`stop\` away, or leave \`${group}\` out of the route`
            : `compute the loss without \`${cut.op}\`, or leave \`${group}\` out of the route`,
      },
    );
    return;
  }
  const sources = members
    .namesOf('group')
    .filter((g) => parametersOf(graph, g).some((p) => reach.connected.has(p.outputs[0]!)));
  shared.report.error(
    'ED4005',
    span,
    `\`${name}\` cannot update \`${group}\`: it is computed ${sources.length > 0 ? `from ${listed(sources)}, not from \`${group}\`` : 'from no group'}`,
    {
      label: `\`${group}\` is not part of \`${name}\``,
      labels: [{ span: loss.value!.span, message: 'the loss' }],
      hint:
        sources.length > 0
          ? `leave \`${group}\` out, or compute the loss from \`${group}\``
          : 'apply a group, and compute the loss from its output',
    },
  );
}

/** `ends at VALUE, cut`, where the value has a name. */
function endOf(node: Node, { valueNames }: RouteContext): string {
  const declared = node.outputs.map((id) => valueNames.get(id)).find((n) => n !== undefined);
  const name = declared ?? node.piece;
  return name === undefined ? 'is cut' : `ends at \`${name}\`, cut`;
}
