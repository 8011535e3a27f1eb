/** @file How a command says which engine it runs on, and why that one. */
import type { Engine } from '../runtime/index.js';

/** `onednn with 2 threads (oneDNN 2.6.3, the fastest on a CPU)` */
export function describeEngine({ name, about, threads, reason }: Engine): string {
  const many = threads > 1 ? ` with ${threads} threads` : '';
  return `${name}${many} (${[about, reason].filter((part) => part !== undefined).join('; ')})`;
}
