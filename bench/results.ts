/** @file What a run of the benchmark leaves: the shape of bench/results/*.json. Times in milliseconds, memory in bytes. */
import type { Agreement } from './agreement.js';
import type { Numbers } from './problem.js';
import type { Measure } from './protocol.js';
import type { Compared } from './statistics.js';

export interface Results {
  /** ISO 8601. */
  readonly at: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    /** Absent where the system does not say. */
    readonly avx512?: boolean;
    readonly memory: number;
    readonly system: string;
    /** Of the last minute, before the benchmark began. */
    readonly load: number;
  };
  readonly engine: string;
  /** Of the network. */
  readonly numbers: Numbers;
  readonly batches: readonly BatchResults[];
  readonly absent: readonly Absent[];
}

export interface Absent {
  readonly label: string;
  /** At which it was. */
  readonly batches: readonly number[];
  readonly reason: string;
  /** The command; absent where it was there, and failed later. */
  readonly install?: string;
}

export interface BatchResults {
  readonly batch: number;
  /** Of every participant. */
  readonly threads: number;
  readonly ours: Memory;
  readonly peers: readonly PeerResults[];
  readonly kernels: readonly KernelResults[];
}

export interface Memory {
  /** Versions of everything that computes. */
  readonly about: string;
  /** Most at once in memory in six training steps. */
  readonly peak: number;
  /** Before there was a network: the program and its libraries. */
  readonly start: number;
  /** Of the plan. */
  readonly predicted?: number;
  /** What `predicted` is to be held against: most at once in tensors, with copies in other layouts and workspaces. */
  readonly tensors?: number;
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
