/** @file A detector ready to look at images: weights on an engine, which is opened for it unless there is one. */
import { openEngine, type Engine } from '../engines/engine.js';
import { detect, type Face } from './detect.js';
import { Networks } from './networks.js';
import type { Picture } from './resample.js';
import type { Weights } from './weights.js';

export interface Detector {
  /** The best first. */
  readonly find: (picture: Picture) => Face[];
  readonly close: () => void;
}

/** @throws EngineError if no engine can be opened. */
export async function openDetector(weights: Weights, given?: Engine): Promise<Detector> {
  const engine = given ?? (await openEngine());
  const networks = new Networks(engine, weights);
  return {
    find: (picture) => detect(networks, picture),
    close: () => {
      networks.close();
      if (!given) engine.close();
    },
  };
}
