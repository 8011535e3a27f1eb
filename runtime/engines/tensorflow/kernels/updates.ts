/**
 * @file Optimizer updates: θ and its moments after a step, in new memory.
 *
 * TensorFlow's own updates change variables in place. Here a variable lives for one update: it begins as the old tensor, which TensorFlow copies
 * before it writes, since somebody else holds it too; so a step that fails later has changed nothing.
 */
import type { Operations, Tensor } from '../operations.js';
import { number, type Attrs, type KernelTable } from './kernel.js';

/** A name by which TensorFlow gives every variable one of its own (ResourceHandle::ANONYMOUS_NAME). */
const ANONYMOUS = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

/** What `update` makes of variables that begin as these tensors. */
function updated(
  tf: Operations,
  before: readonly Tensor[],
  update: (variables: readonly Tensor[]) => void,
): Tensor[] {
  const variables: Tensor[] = [];
  try {
    for (const tensor of before) {
      const dtype = { dtype: tensor.dtype };
      const name = { container: '', shared_name: ANONYMOUS };
      variables.push(tf.run('VarHandleOp', [], { ...name, ...dtype, shape: tensor.shape }));
      tf.runAll('AssignVariableOp', [variables.at(-1)!, tensor], 0, dtype);
    }
    update(variables);
    return variables.map((variable) => tf.run('ReadVariableOp', [variable], { dtype: 'float32' }));
  } finally {
    for (const variable of variables)
      tf.runAll('DestroyResourceOp', [variable], 0, { ignore_lookup_error: true });
  }
}

/** Coupled decay joins the gradient; decoupled decay shrinks θ first (Loshchilov and Hutter 2019). */
function decayed(tf: Operations, p: Tensor, g: Tensor, attrs: Attrs): readonly [p: Tensor, g: Tensor] {
  const decay = number(attrs, 'decay');
  if (decay === 0) return [p, g];
  const by = (x: Tensor, factor: number): Tensor => tf.run('Mul', [x, tf.float(factor)]);
  if (attrs['decoupled'] === true) return [by(p, 1 - number(attrs, 'rate') * decay), g];
  return [p, tf.run('AddV2', [g, by(p, decay)])];
}

export const updates: KernelTable = {
  sgd_update: (tf, [parameter, gradient, velocity], attrs) => {
    const [p, g] = decayed(tf, parameter!, gradient!, attrs);
    const rate = tf.float(number(attrs, 'rate'));
    if (!velocity) return [tf.run('Sub', [p, tf.run('Mul', [g, rate])])];
    return updated(tf, [p, velocity], ([variable, accumulator]) =>
      tf.runAll(
        'ResourceApplyMomentum',
        [variable!, accumulator!, rate, g, tf.float(number(attrs, 'momentum'))],
        0,
        { use_nesterov: attrs['nesterov'] === true },
      ),
    );
  },
  /** TensorFlow adds ε before the correction of v, not after it: ε is corrected here. */
  adam_update: (tf, [parameter, gradient, m, v], attrs) => {
    const [p, g] = decayed(tf, parameter!, gradient!, attrs);
    const [beta1, beta2] = [number(attrs, 'beta1'), number(attrs, 'beta2')];
    const count = number(attrs, 'count');
    const epsilon = number(attrs, 'epsilon') * Math.sqrt(1 - beta2 ** count);
    const numbers = [beta1 ** count, beta2 ** count, number(attrs, 'rate'), beta1, beta2, epsilon];
    return updated(tf, [p, m!, v!], (variables) =>
      tf.runAll('ResourceApplyAdam', [...variables, ...numbers.map((x) => tf.float(x)), g], 0),
    );
  },
  /** ε stands outside of the root, unlike in TensorFlow's own. */
  rmsprop_update: (tf, [parameter, gradient, s], attrs) => {
    const [p, g] = decayed(tf, parameter!, gradient!, attrs);
    const rho = number(attrs, 'rho');
    const mean = tf.run('AddV2', [
      tf.run('Mul', [s!, tf.float(rho)]),
      tf.run('Mul', [tf.run('Square', [g]), tf.float(1 - rho)]),
    ]);
    const root = tf.run('AddV2', [tf.run('Sqrt', [mean]), tf.float(number(attrs, 'epsilon'))]);
    const step = tf.run('RealDiv', [tf.run('Mul', [g, tf.float(number(attrs, 'rate'))]), root]);
    return [tf.run('Sub', [p, step]), mean];
  },
  running_update: (tf, [running, batch], attrs) => {
    const momentum = number(attrs, 'momentum');
    return [
      tf.run('AddV2', [
        tf.run('Mul', [running!, tf.float(1 - momentum)]),
        tf.run('Mul', [batch!, tf.float(momentum)]),
      ]),
    ];
  },
};
