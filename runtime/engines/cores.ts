/** @file How many cores this process may use: two threads on one core only wait for each other in a convolution. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

/** Physical cores as far as the system tells, never more than this process may run on, at least 1. */
export function physicalCores(): number {
  const available = availableParallelism();
  const siblings = new Set<string>();
  try {
    for (let cpu = 0; cpu < cpus().length; cpu++)
      siblings.add(readFileSync(`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`, 'utf8'));
  } catch {
    return available;
  }
  return Math.max(1, Math.min(available, siblings.size));
}
