/** @file Calls of blocks: parameters bound, the body evaluated in the file where it is written, its pieces under the call's path. */
import type { BlockItem, Expr, Identifier } from '../../grammar/syntax.js';
import { namesIn } from '../check/mentions.js';
import type { FileScope } from '../check/scope.js';
import { matchArguments } from './arguments.js';
import { MOST_BLOCKS } from './budget.js';
import type { Env, Local, Shared } from './environment.js';
import { evaluate, evaluateNamed, recorded } from './evaluate.js';
import { dependencyOrder } from './order.js';
import { PieceScope } from './pieces.js';
import { describe, type LayerValue, type Value } from './values.js';

type CallExpr = Extract<Expr, { kind: 'call' }>;

/** The layer that a call of a block is. */
export function callBlock(
  block: BlockItem,
  scope: FileScope,
  call: CallExpr,
  env: Env,
  shared: Shared,
): LayerValue {
  const name = block.name.text;
  const key = `${scope.source}#${name}`;
  if (env.blocks.includes(key)) {
    const loop = [...env.blocks.slice(env.blocks.indexOf(key)), key].map((k) => k.split('#')[1]);
    shared.report.fail(
      'ED2004',
      call.span,
      `blocks need each other: ${loop.map((b) => `\`${b}\``).join(' needs ')}`,
      {
        hint: 'a block cannot contain itself',
      },
    );
  }
  if (env.blocks.length >= MOST_BLOCKS) {
    shared.report.fail('ED3027', call.span, `blocks stand more than ${MOST_BLOCKS} deep within blocks`, {
      hint: 'build the layer of fewer levels',
    });
  }
  const path = env.pieces?.take(name);
  const parameters = bindParameters(block, scope, call, env, shared);
  const bodyEnv = (locals: ReadonlyMap<string, Local>, application: Env['application']): Env => ({
    scope,
    locals,
    owner: env.owner,
    blocks: [...env.blocks, key],
    ...(path !== undefined && { pieces: PieceScope.of(path) }),
    ...(application && { application }),
  });

  const { inputs } = block;
  if (!inputs) {
    const body = evaluateBody(block, parameters, (locals) => bodyEnv(locals, undefined), shared);
    if (body.kind !== 'layer') {
      shared.report.fail(
        'ED3004',
        block.result.span,
        `\`${name}\` has no inputs, so its body must be a layer, and this is ${describe(body)}`,
        {
          hint: `write \`block ${name}(…)(x)\` to give it an input \`x\``,
        },
      );
    }
    const layer: LayerValue = { ...body, name };
    return path === undefined ? layer : recorded(layer, path);
  }
  const layer: LayerValue = {
    kind: 'layer',
    name,
    inputs: inputs.length,
    apply: (tensors, at) => {
      const locals = new Map(parameters);
      inputs.forEach((input, i) => locals.set(input.text, { span: input.span, value: () => tensors[i]! }));
      const result = evaluateBody(block, locals, (all) => bodyEnv(all, at.application), shared);
      if (result.kind !== 'tensor')
        shared.report.fail(
          'ED3004',
          block.result.span,
          `\`${name}\` must return a tensor, and this is ${describe(result)}`,
          {
            hint:
              result.kind === 'layer'
                ? 'apply the layer to an input of the block'
                : 'compute a tensor from its inputs',
          },
        );
      return result;
    },
  };
  return path === undefined ? layer : recorded(layer, path);
}

function bindParameters(
  block: BlockItem,
  scope: FileScope,
  call: CallExpr,
  env: Env,
  shared: Shared,
): Map<string, Local> {
  const specs = block.parameters.map((p) => ({
    name: p.name.text,
    variadic: false,
    ...(p.default && { default: '' }),
  }));
  const { given } = matchArguments(block.name.text, specs, call.arguments, call.span, shared.report);
  const locals = new Map<string, Local>();
  const defaults: Env = { scope, locals, owner: env.owner, blocks: env.blocks };
  for (const { name, default: otherwise } of block.parameters) {
    const expr = given.get(name.text);
    const value = expr
      ? evaluate(expr, env, shared)
      : // Another parameter may stand in a default, before or behind it.
        lazily(name, () => evaluate(otherwise!, defaults, shared), shared);
    locals.set(name.text, { span: name.span, value: typeof value === 'function' ? value : () => value });
  }
  for (const local of locals.values()) local.value();
  return locals;
}

/** Computed when first asked for; an error if that asks for it again. */
function lazily(name: Identifier, compute: () => Value, shared: Shared): () => Value {
  let known: Value | undefined;
  let isRunning = false;
  return () => {
    if (known) return known;
    if (isRunning)
      shared.report.fail('ED2004', name.span, `\`${name.text}\` needs itself`, {
        hint: 'give one of the values on the way a number',
      });
    isRunning = true;
    return (known = compute());
  };
}

/** Bindings in any order, each evaluated once; then the result. */
function evaluateBody(
  block: BlockItem,
  outer: ReadonlyMap<string, Local>,
  envOf: (locals: ReadonlyMap<string, Local>) => Env,
  shared: Shared,
): Value {
  const locals = new Map(outer);
  const env = envOf(locals);
  const done = new Map<string, Value>();
  const running: string[] = [];
  for (const binding of block.bindings) {
    const name = binding.name.text;
    const value = (): Value => {
      const known = done.get(name);
      if (known) return known;
      if (running.includes(name)) {
        shared.report.fail(
          'ED2004',
          binding.name.span,
          `values need each other: ${[...running.slice(running.indexOf(name)), name].map((v) => `\`${v}\``).join(' needs ')}`,
          { hint: 'one of them must not need the others' },
        );
      }
      running.push(name);
      const result = evaluateNamed(name, binding.value, env, shared);
      running.pop();
      done.set(name, result);
      if (result.kind === 'tensor' && env.pieces)
        env.application?.taps.record(`${env.pieces.path}.${name}`, result);
      return result;
    };
    locals.set(name, { span: binding.name.span, value });
  }
  const expressions = new Map(block.bindings.map((b) => [b.name.text, b.value]));
  const { names } = dependencyOrder(new Set(expressions.keys()), (name) =>
    namesIn(expressions.get(name)!).map((n) => n.text),
  );
  for (const name of names) locals.get(name)!.value();
  return evaluate(block.result, env, shared);
}
