/** @file `node dist/bench/worker.js NAME FOLDER ENGINE [THREADS]`: a participant that runs in Node, as a process. */
import { openEngine, type EngineName } from '../runtime/index.js';
import { prunedGraphs, routedGraphs } from './graphs.js';
import type { Participant } from './participant.js';
import { compiledParticipant } from './peers/compiled.js';
import { readProblem } from './problem.js';
import { serve } from './serve.js';

export type NodeParticipant = 'compiled' | 'pruned' | 'tfjs-core' | 'tfjs-layers';

const [name, folder, engineName, threads] = process.argv.slice(2) as [
  NodeParticipant,
  string,
  EngineName,
  string?,
];

await serve(async (): Promise<Participant> => {
  const problem = await readProblem(folder);
  const engine = await openEngine(engineName, threads === undefined ? {} : { threads: Number(threads) });
  switch (name) {
    case 'compiled':
      return compiledParticipant(engine, problem, routedGraphs(problem));
    case 'pruned':
      return compiledParticipant(engine, problem, prunedGraphs(problem));
    case 'tfjs-core':
      return (await import('./peers/tfjs/core.js')).coreParticipant(engine, problem);
    case 'tfjs-layers':
      return (await import('./peers/tfjs/layers.js')).layersParticipant(engine, problem);
  }
});
