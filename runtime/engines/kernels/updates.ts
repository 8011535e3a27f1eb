/** @file Optimizer updates: θ and its moments after a step, in new memory. */
import { number, type Attrs, type KernelTable } from './kernel.js';

/** Coupled decay joins the gradient; decoupled decay shrinks θ (Loshchilov and Hutter 2019). */
function decayOf(attrs: Attrs): { readonly coupled: number; readonly shrink: number } {
  const decay = number(attrs, 'decay');
  return attrs['decoupled']
    ? { coupled: 0, shrink: 1 - number(attrs, 'rate') * decay }
    : { coupled: decay, shrink: 1 };
}

export const updates: KernelTable = {
  sgd_update: ([p, g, velocity], [next, nextVelocity], attrs) => {
    const { coupled, shrink } = decayOf(attrs);
    const [rate, momentum] = [number(attrs, 'rate'), number(attrs, 'momentum')];
    const nesterov = attrs['nesterov'] === true;
    const [theta, gradient] = [p!.data, g!.data];
    for (let i = 0; i < theta.length; i++) {
      let d = gradient[i]! + coupled * theta[i]!;
      if (velocity) {
        const v = momentum * velocity.data[i]! + d;
        nextVelocity!.data[i] = v;
        d = nesterov ? d + momentum * v : v;
      }
      next!.data[i] = theta[i]! * shrink - rate * d;
    }
  },
  /** Kingma and Ba 2015, algorithm 1; `count` is the number of this update, from 1. */
  adam_update: ([p, g, m, v], [next, nextM, nextV], attrs) => {
    const { coupled, shrink } = decayOf(attrs);
    const [beta1, beta2, epsilon] = [
      number(attrs, 'beta1'),
      number(attrs, 'beta2'),
      number(attrs, 'epsilon'),
    ];
    const count = number(attrs, 'count');
    const step = number(attrs, 'rate') / (1 - beta1 ** count);
    const correction = 1 / Math.sqrt(1 - beta2 ** count);
    const [theta, gradient, first, second] = [p!.data, g!.data, m!.data, v!.data];
    for (let i = 0; i < theta.length; i++) {
      const d = gradient[i]! + coupled * theta[i]!;
      const a = beta1 * first[i]! + (1 - beta1) * d;
      const b = beta2 * second[i]! + (1 - beta2) * d * d;
      nextM!.data[i] = a;
      nextV!.data[i] = b;
      next!.data[i] = theta[i]! * shrink - (step * a) / (Math.sqrt(b) * correction + epsilon);
    }
  },
  rmsprop_update: ([p, g, s], [next, nextS], attrs) => {
    const { coupled, shrink } = decayOf(attrs);
    const [rate, rho, epsilon] = [number(attrs, 'rate'), number(attrs, 'rho'), number(attrs, 'epsilon')];
    const [theta, gradient, mean] = [p!.data, g!.data, s!.data];
    for (let i = 0; i < theta.length; i++) {
      const d = gradient[i]! + coupled * theta[i]!;
      const b = rho * mean[i]! + (1 - rho) * d * d;
      nextS!.data[i] = b;
      next!.data[i] = theta[i]! * shrink - (rate * d) / (Math.sqrt(b) + epsilon);
    }
  },
  running_update: ([running, batch], [next], attrs) => {
    const momentum = number(attrs, 'momentum');
    for (let i = 0; i < next!.data.length; i++)
      next!.data[i] = (1 - momentum) * running!.data[i]! + momentum * batch!.data[i]!;
  },
};
