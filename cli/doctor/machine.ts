/** @file The machine: Node, cores, memory. */
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { size } from '../../runtime/engines/size.js';
import { ok, problem, warning, type Finding } from './finding.js';

const LEAST = [20, 9] as const;
const TRIED = [20, 22, 24];
const [GIB, MIB] = [2 ** 30, 2 ** 20];

/** `version`: such as `20.11.1`. */
export function node(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1]))
    return problem('node', version, `install Node ${LEAST.join('.')} or later: https://nodejs.org`);
  return TRIED.includes(major)
    ? ok('node', version)
    : warning('node', `${version}, with which ed2lc is not tested`, `use Node ${TRIED.join(', ')}`);
}

export function cores(count = availableParallelism(), all = cpus().length): Finding {
  return ok('cores', count === all ? `${count}` : `${count} of ${all} for this process`);
}

export interface Memory {
  /** Bytes, of the machine. */
  readonly total: number;
  readonly free: number;
  /** What a container or a job may use; 0: no limit. */
  readonly limit: number;
}

export function memory({ total, free, limit }: Memory = measured()): Finding {
  const limited = limit > 0 && limit < total;
  const found = `${size(free)} free of ${size(limited ? limit : total)}${limited ? `, the limit of this container or job (the machine has ${size(total)})` : ''}`;
  if (free >= GIB) return ok('memory', found);
  const remedy = 'end other programs, or train small networks with a small batch';
  return free < 256 * MIB ? problem('memory', found, remedy) : warning('memory', found, remedy);
}

const measured = (): Memory => ({
  total: totalmem(),
  // Node before 20.13 knows of the machine only.
  free: (process as { availableMemory?: () => number }).availableMemory?.() ?? freemem(),
  limit: process.constrainedMemory() ?? 0,
});
