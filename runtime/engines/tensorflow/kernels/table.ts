/** @file All kernels of this engine, by operation. */
import { elementwise } from './elementwise.js';
import { images } from './images.js';
import type { KernelTable } from './kernel.js';
import { layers } from './layers.js';
import { movement } from './movement.js';
import { updates } from './updates.js';

export const TENSORFLOW_KERNELS: KernelTable = {
  ...elementwise,
  ...movement,
  ...images,
  ...layers,
  ...updates,
};
