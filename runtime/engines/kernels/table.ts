/** @file All kernels of this project, by operation. */
import { convolution } from './convolution.js';
import { elementwise } from './elementwise.js';
import type { KernelTable } from './kernel.js';
import { movement } from './movement.js';
import { normalization } from './normalization.js';
import { pooling } from './pooling.js';
import { softmax } from './softmax.js';
import { updates } from './updates.js';

export const KERNELS: KernelTable = {
  ...elementwise,
  ...movement,
  ...normalization,
  ...softmax,
  ...convolution,
  ...pooling,
  ...updates,
};
