/** @file Evaluates expressions: names, fields, operators, pipes. Calls are in calls.ts. */
import type { Expr, Identifier } from '../../grammar/syntax.js';
import type { Span } from '../../grammar/span.js';
import { called } from '../diagnostics/edits.js';
import { parseDecimal } from '../scalar/rational.js';
import { binary, isClass, negate, truth } from './arithmetic.js';
import { builtIn, builtInNames, VARIABLES } from './builtins.js';
import { evaluateCall } from './calls.js';
import { countPieces } from './count-pieces.js';
import type { Env, Shared } from './environment.js';
import { fixedNumber } from './numbers.js';
import { Tensors } from './tensors.js';
import { describe, type LabelValue, type LayerValue, type TensorValue, type Value } from './values.js';
import { didYouMean, listed, suggestion } from '../diagnostics/suggestion.js';
import { aNoun } from '../diagnostics/words.js';

export function evaluate(expr: Expr, env: Env, shared: Shared): Value {
  switch (expr.kind) {
    case 'number':
      return { kind: 'number', number: fixedNumber(parseDecimal(expr.text)) };
    case 'string':
      return { kind: 'string', value: expr.value };
    case 'boolean':
      return { kind: 'boolean', value: expr.value };
    case 'list':
      return { kind: 'list', items: expr.items.map((item) => evaluate(item, env, shared)) };
    case 'name':
      return evaluateName(expr.text, expr.span, env, shared);
    case 'field':
      return evaluateField(expr, env, shared);
    case 'call':
      return evaluateCall(expr, env, shared);
    case 'unary': {
      const operand = { value: evaluate(expr.operand, env, shared), span: expr.operand.span };
      if (expr.operator === '-') return negate(operand, expr.span, shared);
      const t = new Tensors(shared.builder, shared.report, expr.span, 'not');
      return t.unary('not', truth(operand, 'not', t));
    }
    case 'binary': {
      const left = { value: evaluate(expr.left, env, shared), span: expr.left.span };
      const right = { value: evaluate(expr.right, env, shared), span: expr.right.span };
      return binary(expr.operator, left, right, expr.span, shared);
    }
    case 'is':
      return classTest(expr.left, [expr.className], expr.span, env, shared);
    case 'in':
      return classTest(expr.left, expr.classNames, expr.span, env, shared);
    case 'pipe':
      return pipe(expr, env, shared);
    case 'as':
      return named(expr, env, shared);
  }
}

function evaluateName(name: string, span: Span, env: Env, shared: Shared): Value {
  const local = env.locals.get(name);
  if (local) return local.value();
  const member = env.model?.lookup(name, span, env.owner);
  if (member) return member;
  const declared = env.scope.names.get(name);
  if (declared?.kind === 'block') {
    shared.report.fail('ED2016', span, `\`${name}\` is a block; a call of it is a layer`, {
      hint: `write \`${name}(…)\``,
      ...(declared.item.parameters.every((p) => p.default) && { fix: called(span) }),
    });
  }
  if (declared) shared.report.fail('ED2016', span, `\`${name}\` is ${aNoun(declared.kind)}, not a value`);
  if ((VARIABLES as readonly string[]).includes(name))
    return { kind: 'number', number: { kind: 'variable', name: name as (typeof VARIABLES)[number] } };
  if (builtIn(name))
    shared.report.fail(
      'ED2016',
      span,
      `\`${name}\` is ${aNoun(builtIn(name)!.kind)}; a call of it is a value`,
      {
        hint: `write \`${name}(…)\``,
        ...(builtIn(name)!.kind === 'function' &&
          builtIn(name)!
            .parameters.slice(1)
            .every((p) => p.default) && { fix: called(span) }),
      },
    );
  return unknownName(name, span, env, shared);
}

export function unknownName(name: string, span: Span, env: Env, shared: Shared): never {
  const ofFile = [...env.scope.names]
    .filter(([, d]) => d.kind === 'block' || d.kind === 'file')
    .map(([n]) => n);
  const known = [...env.locals.keys(), ...(env.model?.names() ?? []), ...ofFile];
  const found = didYouMean({ text: name, span }, [...known, ...builtInNames(), ...VARIABLES]);
  shared.report.fail(
    'ED2001',
    span,
    `there is no \`${name}\``,
    found ?? {
      hint: known.length > 0 ? `declared here: ${listed(known)}` : 'declare it, or import the file that does',
    },
  );
}

/** `ns.block`, or a tap `v.piece`. */
function evaluateField(expr: Extract<Expr, { kind: 'field' }>, env: Env, shared: Shared): Value {
  const path: Identifier[] = [expr.field];
  let object = expr.object;
  while (object.kind === 'field') {
    path.unshift(object.field);
    object = object.object;
  }
  if (object.kind === 'name' && env.scope.names.get(object.text)?.kind === 'file') {
    shared.report.fail(
      'ED2016',
      expr.span,
      `\`${object.text}.${path[0]!.text}\` is a declaration of another file, not a value`,
      {
        hint: `a block is called: \`${object.text}.${path[0]!.text}(…)\``,
      },
    );
  }
  const value = evaluate(object, env, shared);
  const text = path.map((p) => p.text).join('.');
  if (value.kind !== 'tensor' || !value.taps) {
    shared.report.fail(
      'ED2017',
      expr.span,
      `\`.${text}\` reads a piece of a group's application, and this is ${describe(value)}`,
      {
        hint: 'only a value that is directly `G(x)`, for a group `G`, has pieces',
      },
    );
  }
  const { root, of } = value.taps;
  const found = of.find(root, text);
  if (found.length === 1) return found[0]!.output;
  const candidates = found.length > 1 ? found.map((f) => f.path) : of.paths(root);
  shared.report.fail(
    'ED2018',
    expr.field.span,
    found.length > 1 ? `\`${text}\` could be any of ${found.length} pieces` : `there is no piece \`${text}\``,
    {
      hint:
        found.length > 1
          ? `write one of ${listed(candidates)}`
          : (suggestion({ text, span: expr.field.span }, candidates).hint ?? 'it has no pieces'),
    },
  );
}

function classTest(
  left: Expr,
  names: readonly Identifier[],
  span: Span,
  env: Env,
  shared: Shared,
): TensorValue {
  const value = evaluate(left, env, shared);
  const t = new Tensors(shared.builder, shared.report, span, 'is');
  if (value.kind !== 'label')
    shared.report.fail(
      'ED3023',
      left.span,
      `\`is\` and \`in\` ask for the class of a label, and this is ${describe(value)}`,
    );
  return names
    .map((name) => isClass(value, classIndex(value, name, shared), t))
    .reduce((a, b) => t.emit('or', [a, b]));
}

function classIndex({ label }: LabelValue, name: Identifier, shared: Shared): number {
  const index = label.classes.indexOf(name.text);
  if (index < 0)
    shared.report.fail('ED3018', name.span, `\`${label.name}\` has no class \`${name.text}\``, {
      labels: [{ span: label.span, message: 'its classes' }],
      ...suggestion(name, label.classes),
    });
  return index;
}

function pipe(expr: Extract<Expr, { kind: 'pipe' }>, env: Env, shared: Shared): Value {
  const left = evaluate(expr.left, env, shared);
  const right = evaluate(expr.right, env, shared);
  if (right.kind !== 'layer') {
    shared.report.fail(
      'ED3004',
      expr.right.span,
      `the right side of \`|>\` must be a layer, and this is ${describe(right)}`,
      {
        labels: [{ span: expr.left.span, message: describe(left) }],
        hint: 'a layer is a group, a call of a block, or a function without its tensor: `relu()`',
      },
    );
  }
  if (left.kind === 'tensor') return applyLayer(right, [left], expr.right.span, env, shared);
  if (left.kind === 'layer') return compose(left, right, expr.right.span, shared);
  shared.report.fail(
    'ED3004',
    expr.left.span,
    `the left side of \`|>\` must be a tensor or a layer, and this is ${describe(left)}`,
    { hint: 'begin with an input, a value, a group or a layer' },
  );
}

function compose(first: LayerValue, second: LayerValue, span: Span, shared: Shared): LayerValue {
  if (second.inputs !== 1) {
    shared.report.fail(
      'ED3021',
      span,
      `\`${second.name}\` takes ${second.inputs} tensors, and a pipe gives one`,
      { hint: 'apply it to its tensors in a value, or in a block with inputs' },
    );
  }
  return {
    kind: 'layer',
    name: first.name.length > 40 ? `… |> ${second.name}` : `${first.name} |> ${second.name}`,
    inputs: first.inputs,
    apply: (inputs, at) => {
      shared.budget.spend(at.span);
      const middle = first.apply(inputs, at);
      return second.apply([middle], at);
    },
  };
}

/** Applies a layer where the expression stands. */
export function applyLayer(
  layer: LayerValue,
  inputs: readonly TensorValue[],
  span: Span,
  env: Env,
  shared: Shared,
): TensorValue {
  if (layer.inputs !== inputs.length) {
    shared.report.fail(
      'ED3021',
      span,
      `\`${layer.name}\` takes ${layer.inputs} ${layer.inputs === 1 ? 'tensor' : 'tensors'}, and gets ${inputs.length}`,
      { hint: layer.inputs === 1 ? 'join them first: `concat(a, b)`' : `write \`${layer.name}(x, y)\`` },
    );
  }
  return layer.apply(inputs, { span, application: env.application });
}

/** `stage as name` */
function named(expr: Extract<Expr, { kind: 'as' }>, env: Env, shared: Shared): Value {
  const { pieces } = env;
  if (!pieces) {
    shared.report.fail('ED3022', expr.name.span, '`as` names a piece of a group or block', {
      hint: `here, write \`${expr.name.text} = …\` as a value of its own`,
    });
  }
  const before = pieces.claim(expr.name.text, expr.name.span);
  if (before) {
    shared.report.fail('ED2002', expr.name.span, `\`${expr.name.text}\` names two pieces of one body`, {
      labels: [{ span: before, message: 'the first' }],
      hint: 'give one of them another name',
    });
  }
  return evaluateNamed(expr.name.text, expr.operand, env, shared);
}

/** One piece takes the name; around several the name is a segment; none leaves it out. */
export function evaluateNamed(name: string, expr: Expr, env: Env, shared: Shared): Value {
  const pieces = env.pieces;
  const count = pieces ? countPieces(expr, env, shared) : 0;
  if (!pieces || count === 0) return evaluate(expr, env, shared);
  if (count === 1) return evaluate(expr, { ...env, pieces: pieces.sole(name) }, shared);
  const inner = pieces.enter(name);
  const value = evaluate(expr, { ...env, pieces: inner }, shared);
  return value.kind === 'layer' ? recorded(value, inner.path) : value;
}

/** The layer, leaving its output as a tap under `path`. */
export function recorded(layer: LayerValue, path: string): LayerValue {
  return {
    ...layer,
    apply: (inputs, at) => {
      const output = layer.apply(inputs, at);
      at.application?.taps.record(path, output);
      return at.application ? { ...output, taps: { root: path, of: at.application.taps } } : output;
    },
  };
}
