/** @file Where and when a proof was made. */
import { cpus, totalmem, type } from 'node:os';

/** Such as `2026-05-01, 2 cores of AMD EPYC, 8 GiB, Linux, Node v20.9.0`. */
export function thisMachine(): string {
  const cores = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, ${cores.length} cores of ${cores[0]!.model.trim()}, ${memory} GiB, ${type()}, Node ${process.version}`;
}
