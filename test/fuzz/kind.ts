/** @file What a kind of fuzz case is. */
export interface Kind {
  readonly name: string;
  /** Makes what its cases damage, in a folder of its own. */
  prepare?(folder: string): Promise<void>;
  /**
   * One case, the same for the same seed. It gives its input to `keep`, under a file name, before it tries it. Throws for a fault; an
   * error that the command line would tell in its own words is none (worker.ts), and the case may throw it.
   */
  run(seed: number, keep: (name: string, input: string | Uint8Array) => void, folder: string): Promise<void>;
}
