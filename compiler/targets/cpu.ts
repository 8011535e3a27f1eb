/** @file The reference target: tfjs `cpu` for convolutions and products, plain loops of this project for everything else. */
import { SHARED } from './kernels.js';
import type { Target } from './target.js';

export const cpu: Target = { name: 'cpu', legalize: {}, kernels: SHARED };
