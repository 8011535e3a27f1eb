/** @file Evaluates calls: layers applied, blocks, and the built-ins by kind. */
import type { Argument, Expr } from '../../grammar/syntax.js';
import type { Span } from '../../grammar/span.js';
import * as Q from '../scalar/rational.js';
import type { ScalarExpr, ScalarFunction } from '../scalar/expression.js';
import { numeric } from './arithmetic.js';
import { adviceFor, Arguments, matchArguments } from './arguments.js';
import { COUNT } from '../scalar/ranges.js';
import { axisOf, channelsOf } from './axes.js';
import { callBlock } from './blocks.js';
import { isNumber } from './count-pieces.js';
import { builtIn, type BuiltIn } from './builtins.js';
import type { Env, Shared } from './environment.js';
import { applyLayer, evaluate, unknownName } from './evaluate.js';
import { FUNCTIONS } from './functions.js';
import { parametricLayer } from './layers.js';
import { LOSSES, oneHot } from './losses.js';
import { fixedNumber } from './numbers.js';
import { reduce } from './reductions.js';
import { schedule } from './schedules.js';
import { sampleMask } from './masks.js';
import { hasBatch, Tensors } from './tensors.js';
import { describe, type LayerValue, type TensorValue, type Value } from './values.js';
import { UNSUPPORTED_CALLS } from '../check/unsupported.js';
import { suggestion } from '../diagnostics/suggestion.js';
import { aNoun } from '../diagnostics/words.js';
import { formatType } from '../graph/graph.js';

type CallExpr = Extract<Expr, { kind: 'call' }>;

export function evaluateCall(call: CallExpr, env: Env, shared: Shared): Value {
  shared.budget.spend(call.span);
  const { callee } = call;
  if (callee.kind === 'field' && callee.object.kind === 'name') {
    const file = env.scope.names.get(callee.object.text);
    if (file?.kind === 'file')
      return callOfFile(file.scope, callee.field.text, callee.field.span, call, env, shared);
  }
  if (callee.kind !== 'name') return applyTo(evaluate(callee, env, shared), call, env, shared);
  const name = callee.text;
  if (env.locals.has(name)) return applyTo(evaluate(callee, env, shared), call, env, shared);
  const declared = env.scope.names.get(name);
  if (declared?.kind === 'block') return callBlock(declared.item, declared.scope, call, env, shared);
  const member = env.model?.lookup(name, callee.span, env.owner);
  if (member) return applyTo(member, call, env, shared);
  const known = builtIn(name);
  if (!known) unknownName(name, callee.span, env, shared);
  return callBuiltIn(known, call, env, shared);
}

function callOfFile(
  scope: Env['scope'],
  name: string,
  span: Span,
  call: CallExpr,
  env: Env,
  shared: Shared,
): Value {
  const found = scope.names.get(name);
  if (found?.kind === 'block' && found.scope === scope)
    return callBlock(found.item, found.scope, call, env, shared);
  const blocks = [...scope.names].filter(([, d]) => d.kind === 'block').map(([n]) => n);
  shared.report.fail(
    'ED2001',
    span,
    `\`${scope.source}\` has no block \`${name}\``,
    suggestion({ text: name, span }, blocks),
  );
}

/** `layer(x, y)` */
function applyTo(value: Value, call: CallExpr, env: Env, shared: Shared): Value {
  if (value.kind !== 'layer')
    shared.report.fail(
      'ED3022',
      call.callee.span,
      `this is ${describe(value)}, and only layers and functions are called`,
      value.kind === 'number'
        ? { hint: 'a product is written `a * b`' }
        : value.kind === 'tensor'
          ? { hint: 'it is computed already: leave the parentheses out' }
          : {},
    );
  const inputs = call.arguments.map((argument): TensorValue => {
    if (argument.name)
      shared.report.fail(
        'ED3005',
        argument.name.span,
        `\`${value.name}\` is applied to tensors, without names`,
        {
          hint: `leave \`${argument.name.text}:\` out`,
          fix: [{ span: { ...argument.span, end: argument.value.span.start }, replacement: '' }],
        },
      );
    const input = evaluate(argument.value, env, shared);
    if (input.kind === 'tensor') return input;
    return shared.report.fail(
      'ED3008',
      argument.value.span,
      `\`${value.name}\` is applied to tensors, and this is ${describe(input)}`,
      { hint: adviceFor('a tensor', input) },
    );
  });
  return applyLayer(value, inputs, call.span, env, shared);
}

function callBuiltIn(known: BuiltIn, call: CallExpr, env: Env, shared: Shared): Value {
  if (UNSUPPORTED_CALLS.includes(known.name))
    shared.report.fail('ED8001', call.callee.span, `\`${known.name}\` is not yet supported`);
  const run = (e: Expr): Value => evaluate(e, env, shared);
  const matched = (): Arguments => Arguments.of(known, call.arguments, call.span, run, shared.report);
  const t = new Tensors(shared.builder, shared.report, call.span, known.name);
  switch (known.kind) {
    case 'parametric': {
      if (!env.pieces) {
        shared.report.fail(
          'ED3017',
          call.span,
          `\`${known.name}\` has parameters, so it belongs into a group or block`,
          {
            hint: `write \`group name = ${known.name}(…)\`, and apply it: \`name(x)\``,
          },
        );
      }
      return parametricLayer(matched(), env.pieces.take(known.name), shared.parameters);
    }
    case 'combinator':
      return combinator(matched(), shared);
    case 'function':
      return callFunction(known, call, env, shared);
    case 'reduction': {
      const numbers = numbersOf(known.name, call.arguments, env, shared);
      if (numbers)
        return number(
          numbers.reduce((a, b) => numeric(known.name as ScalarFunction, call.span, shared, a, b)),
        );
      return reduce(t, matched());
    }
    case 'loss':
      return LOSSES[known.name]!(t, matched(), shared.scalars);
    case 'other':
      return callOther(t, matched, call, env, shared);
    case 'schedule':
      return number(schedule(matched(), env.model?.losses() ?? []));
    default:
      shared.report.fail('ED2016', call.span, `\`${known.name}\` is ${aNoun(known.kind)}, not a value`, {
        hint: PLACES[known.kind] ?? `see \`${known.name}\` in docs/language.md`,
      });
  }
}

/** Where a built-in that is no value belongs. */
const PLACES: Readonly<Record<string, string>> = {
  optimizer: 'an optimizer stands behind `using`',
  init: 'an initialisation is an argument of a layer: `init: he()`',
  noise: 'noise is declared: `noise z = normal(64)`',
};

const number = (value: ScalarExpr): Value => ({ kind: 'number', number: value });

/** The arguments of min and max when they are numbers. */
function numbersOf(
  name: string,
  args: readonly Argument[],
  env: Env,
  shared: Shared,
): ScalarExpr[] | undefined {
  if ((name !== 'min' && name !== 'max') || args.length < 2 || args.some((a) => a.name)) return undefined;
  if (!args.every((a) => isNumber(a.value, env))) return undefined;
  const values = args.map((a) => evaluate(a.value, env, shared));
  return values.every((v) => v.kind === 'number') ? values.map((v) => v.number) : undefined;
}

function combinator(args: Arguments, shared: Shared): LayerValue {
  switch (args.name) {
    case 'identity':
      return { kind: 'layer', name: 'identity', inputs: 1, apply: ([x]) => x! };
    case 'repeat': {
      const n = args.fixed('n', COUNT);
      shared.budget.spend(args.spanOf('n'), n);
      const bodies = Array.from({ length: n }, () => args.layer('body'));
      return {
        kind: 'layer',
        name: 'repeat',
        inputs: 1,
        apply: ([x], at) => {
          shared.budget.spend(at.span, n);
          return bodies.reduce((y, body) => body.apply([y], at), x!);
        },
      };
    }
    default: {
      const body = args.layer('body');
      const skip = args.layer('skip');
      return {
        kind: 'layer',
        name: 'residual',
        inputs: 1,
        apply: ([x], at) => {
          const t = new Tensors(shared.builder, shared.report, args.span, 'residual');
          const [inner, outer] = [body.apply([x!], at), skip.apply([x!], at)];
          if (inner.type.shape.join() !== outer.type.shape.join()) {
            shared.report.fail(
              'ED3001',
              args.span,
              `\`residual\` adds \`${formatType(inner.type)}\` to \`${formatType(outer.type)}\``,
              {
                label: '`body` and `skip` must give the same shape',
                labels: [
                  { span: args.spanOf('body'), message: `this gives \`${formatType(inner.type)}\`` },
                  ...(args.isGiven('skip')
                    ? [{ span: args.spanOf('skip'), message: `this gives \`${formatType(outer.type)}\`` }]
                    : []),
                ],
                hint: 'give the skip a layer that changes the shape as the body does, such as `skip: conv(filters, kernel: 1)`',
              },
            );
          }
          return t.add(inner, outer);
        },
      };
    }
  }
}

const NUMERIC: Readonly<
  Record<string, (x: ScalarExpr, f: (name: ScalarFunction, ...v: ScalarExpr[]) => ScalarExpr) => ScalarExpr>
> = {
  exp: (x, f) => f('exp', x),
  log: (x, f) => f('log', x),
  sqrt: (x, f) => f('^', x, fixedNumber(Q.rational(1, 2))),
  square: (x, f) => f('^', x, fixedNumber(Q.rational(2))),
  abs: (x, f) => f('max', x, f('neg', x)),
};

/** A function of one tensor: applied if the tensor is there, else a layer; some also work on numbers. */
function callFunction(known: BuiltIn, call: CallExpr, env: Env, shared: Shared): Value {
  const [first] = call.arguments;
  const named = call.arguments.find((a) => a.name?.text === 'x');
  const subject = named ?? (first && !first.name ? first : undefined);
  const value = subject && evaluate(subject.value, env, shared);
  if (value?.kind === 'number' && NUMERIC[known.name] && call.arguments.length === 1) {
    return number(NUMERIC[known.name]!(value.number, (name, ...v) => numeric(name, call.span, shared, ...v)));
  }
  const run = (e: Expr): Value => (e === subject?.value ? value! : evaluate(e, env, shared));
  // A number or a list in the first place is an argument of the layer: leaky_relu(0.1), max_pool([2, 4]).
  const isArgument = value !== undefined && ['number', 'list', 'boolean', 'string'].includes(value.kind);
  const applied = value !== undefined && (!isArgument || named !== undefined);
  const parameters = applied ? known.parameters : known.parameters.slice(1);
  const matched = matchArguments(known.name, parameters, call.arguments, call.span, shared.report);
  const args = new Arguments(known.name, call.span, matched, parameters, run, shared.report);
  const piece = env.pieces?.take(known.name);
  const key = piece ?? `${env.owner.name}.${++env.owner.applications}`;
  const layer: LayerValue = {
    kind: 'layer',
    name: known.name,
    inputs: 1,
    apply: ([x], at) => {
      const { application } = at;
      const place =
        application && piece !== undefined
          ? { group: application.group, piece, application: application.number }
          : {};
      const t = new Tensors(shared.builder, shared.report, call.span, known.name, place);
      const output = FUNCTIONS[known.name]!(t, x!, {
        args,
        scalars: shared.scalars,
        application: application ? `${key}@${application.key}` : key,
      });
      if (piece !== undefined) application?.taps.record(piece, output);
      return output;
    },
  };
  return applied ? applyLayer(layer, [args.tensor('x')], call.span, env, shared) : layer;
}

function callOther(t: Tensors, matched: () => Arguments, call: CallExpr, env: Env, shared: Shared): Value {
  const args = matched();
  switch (args.name) {
    case 'concat': {
      const parts = args.matched.rest.map((e): TensorValue => {
        const value = evaluate(e, env, shared);
        return value.kind === 'tensor'
          ? value
          : shared.report.fail('ED3008', e.span, `\`concat\` joins tensors, and this is ${describe(value)}`, {
              hint: adviceFor('a tensor', value),
            });
      });
      if (parts.length === 0)
        shared.report.fail('ED3006', call.span, '`concat` needs tensors to join', {
          hint: 'write `concat(a, b)`',
        });
      const axis = axisOf(args, parts[0]!);
      const spans = args.matched.rest.map((e) => e.span);
      return parts.length === 1 ? parts[0]! : t.emit('concat', parts, { axis }, spans);
    }
    case 'dot': {
      const product = t.binary('mul', args.tensor('a'), args.tensor('b'), [
        args.spanOf('a'),
        args.spanOf('b'),
      ]);
      return t.sum(product, [channelsOf(args, product, 'a')]);
    }
    case 'select': {
      const tensor = (name: string): TensorValue => {
        const value = args.value(name);
        return value.kind === 'number'
          ? t.constant(shared.scalars.coefficient(value.number))
          : args.tensorIn(value, name);
      };
      const [a, b] = [tensor('a'), tensor('b')];
      return t.emit(
        'select',
        t.aligned([args.tensor('condition'), a, b]),
        {},
        ['condition', 'a', 'b'].map((name) => args.spanOf(name)),
      );
    }
    case 'number':
      return t.emit('cast', [args.tensor('condition')], { dtype: 'f32' });
    case 'one_hot':
      return oneHot(t, args.label('label'));
    case 'argmax': {
      const x = args.tensor('x');
      return t.emit('argmax', [x], { axis: channelsOf(args, x, 'x') });
    }
    case 'size':
      return number(fixedNumber(Q.rational(args.label('label').label.classes.length)));
    case 'accuracy': {
      const z = args.tensor('z');
      const hits = t.emit('equal', [
        t.emit('argmax', [z], { axis: channelsOf(args, z, 'z') }),
        t.tensor(args.label('y').id()),
      ]);
      return t.meanOfAll(t.emit('cast', [hits], { dtype: 'f32' }));
    }
    default:
      return stop(t, args, shared);
  }
}

/** `stop(x)` ends every gradient at a value, with `where` that of some samples; `stop(G)` is the group with constant parameters. */
function stop(t: Tensors, args: Arguments, shared: Shared): Value {
  const value = args.value('x');
  const where = args.isGiven('where') ? stopMask(args, value) : undefined;
  if (value.kind === 'tensor') return where ? t.emit('stop_where', [value, where]) : t.emit('stop', [value]);
  if (value.kind === 'layer' && value.stopped) return value.stopped();
  return shared.report.fail(
    'ED3008',
    args.spanOf('x'),
    `\`stop\` takes a tensor or a group, and this is ${describe(value)}`,
    { hint: adviceFor('a tensor', value) },
  );
}

/** The samples at which a gradient stops; undefined: all. */
function stopMask(args: Arguments, value: Value): TensorValue | undefined {
  const { report } = args;
  const span = args.spanOf('where');
  if (value.kind === 'layer')
    report.fail('ED4013', span, '`stop` of a group holds for every sample', {
      hint: 'a mask for the parameters of a group is written on the route: `updates G where m`',
    });
  if (value.kind === 'tensor' && !hasBatch(value))
    report.fail('ED4013', span, `\`${formatType(value.type)}\` has no samples to choose from`, {
      labels: [{ span: args.spanOf('x'), message: `this is \`${formatType(value.type)}\`` }],
      hint: 'leave `where` out',
    });
  const where = sampleMask(args.value('where'), span, report);
  if (where === 'all')
    report.warning('ED4009', span, '`where: true` has no effect', { hint: 'leave it out' });
  if (where === 'none')
    return report.fail('ED4013', span, '`where: false` stops nothing', { hint: 'take the `stop` away' });
  return where === 'all' ? undefined : where;
}
