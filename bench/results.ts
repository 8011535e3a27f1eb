/** @file What a run of the benchmark leaves: the shape of bench/results/*.json. Times in milliseconds, memory in bytes. */
import type { Agreement } from './agreement.js';
import type { Measure } from './protocol.js';
import type { Compared } from './statistics.js';

export interface Results {
  /** ISO 8601. */
  readonly at: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memory: number;
    readonly system: string;
    /** Of the last minute, before the benchmark began. */
    readonly load: number;
  };
  readonly engine: string;
  readonly threads: number;
  readonly batches: readonly BatchResults[];
  readonly absent: readonly Absent[];
}

export interface Absent {
  readonly label: string;
  readonly reason: string;
  readonly install: string;
}

export interface BatchResults {
  readonly batch: number;
  readonly ours: Memory;
  readonly peers: readonly PeerResults[];
  readonly kernels: readonly KernelResults[];
}

export interface Memory {
  readonly about: string;
  /** Most at once in memory in six training steps. */
  readonly peak: number;
  /** Before there was a network: the program and its libraries. */
  readonly start: number;
  /** Of the plan. */
  readonly predicted?: number;
}

export type Scenario = Measure | 'contended';

export interface PeerResults extends Memory {
  readonly name: string;
  readonly label: string;
  readonly agreement: Agreement;
  /** Empty where the peer does not agree. */
  readonly times: Readonly<Partial<Record<Scenario, Compared>>>;
}

export interface KernelResults extends Compared {
  readonly name: string;
  readonly flops: number;
  /** PyTorch's faster memory format. */
  readonly form: string;
}
