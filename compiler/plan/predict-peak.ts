/** @file The memory a plan needs at its worst moment, from the plan alone. */
import { sizeOf } from '../graph/graph.js';
import type { Plan, PlannedValue } from './plan.js';

export interface Peak {
  /** Bytes of everything alive at the worst instruction. */
  readonly bytes: number;
  /** Of these, what is alive between steps: parameters, moments, statistics. */
  readonly state: number;
  /** The index of the worst instruction. */
  readonly at: number;
}

export function predictPeak(plan: Plan, batch: number): Peak {
  const bytesOf = ({ dtype, shape }: PlannedValue): number =>
    sizeOf(shape, batch) * (dtype === 'bool' ? 1 : 4);
  const sizes = new Map<number, number>();
  let state = 0;
  let live = 0;
  let peak = { bytes: 0, at: 0 };
  plan.instructions.forEach((instruction, at) => {
    for (const output of instruction.kernel === '@alias' ? [] : instruction.outputs) {
      sizes.set(output.value, bytesOf(output));
      live += bytesOf(output);
      if (instruction.kernel === '@state') state += bytesOf(output);
    }
    if (live > peak.bytes) peak = { bytes: live, at };
    for (const value of instruction.free) live -= sizes.get(value) ?? 0;
  });
  return { ...peak, state };
}
