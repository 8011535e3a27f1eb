/** @file Every engine that can be opened here, for tests of what all of them do. What cannot is named in the output, with the reason. */
import { openEngine, type Engine, type EngineName } from '../../runtime/engines/engine.js';
import { EngineError } from '../../runtime/engines/errors.js';
import { skip } from './skipped.js';

/** The reference comes first. An engine that is not in this table does not compile. */
const THREADS: Readonly<Record<Exclude<EngineName, 'auto'>, number | undefined>> = {
  cpu: undefined,
  wasm: 2,
  onednn: 2,
  tensorflow: 2,
};

/** The reference, then all others. */
export async function openEngines(): Promise<readonly [Engine, ...Engine[]]> {
  const engines: Engine[] = [];
  for (const [name, threads] of Object.entries(THREADS) as [EngineName, number | undefined][]) {
    try {
      engines.push(await openEngine(name, { threads }));
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      skip(`the ${name} engine`, error.message);
    }
  }
  const [reference, ...others] = engines;
  return [reference!, ...others];
}
