/** @file What `compile` leaves for one stage of an experiment, or for one model, as file names and contents. Writing them is the runtime's part. */
import { printGraph } from '../graph/print.js';
import { graphsToJson } from '../model/graphs-json.js';
import { modelToJson } from '../model/json.js';
import { printModel } from '../model/print.js';
import type { Program } from '../program.js';

/** Texts by path within the artifact: the model IR and all graphs, as JSON to load and as text to read. */
export function programFiles(program: Program): Readonly<Record<string, string>> {
  return {
    'model.json': `${modelToJson(program.model)}\n`,
    'model.txt': printModel(program.model),
    'graph.json': `${graphsToJson(program)}\n`,
    'graph.txt': printProgram(program),
  };
}

/** Every graph of a program under a title of its own. */
export function printProgram({ stages, evaluation }: Program): string {
  const parts = stages.flatMap(({ stage, steps }) =>
    steps.flatMap(({ step, forward, graph }) => {
      const place = `${stage.name === null ? '' : ` stage ${stage.name}`} step ${step.name}`;
      return [
        [`forward${place}`, forward],
        [`training${place}`, graph],
      ] as const;
    }),
  );
  return [...parts, ['evaluation', evaluation] as const]
    .map(([title, graph]) => `== ${title}\n${printGraph(graph).trimEnd()}\n`)
    .join('\n');
}
