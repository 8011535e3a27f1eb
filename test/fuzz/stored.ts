/** @file Stored IRs and artifacts, damaged: through their loaders, and what is loaded through the compiler. */
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { check } from '../../compiler/check/check.js';
import { printGraph } from '../../compiler/graph/print.js';
import { parseGraph } from '../../compiler/graph/parse.js';
import { experimentFromJson, experimentToJson } from '../../compiler/model/experiment-json.js';
import { graphsFromJson, graphsToJson } from '../../compiler/model/graphs-json.js';
import { modelFromJson, modelToJson } from '../../compiler/model/json.js';
import { printModel } from '../../compiler/model/print.js';
import { compileModel } from '../../compiler/program.js';
import { GraphSyntaxError } from '../../compiler/index.js';
import { load, writeArtifact } from '../../runtime/artifacts/artifact.js';
import { TINY_SPEC } from '../support/command-line.js';
import { damaged } from '../support/damage.js';
import { randomSpec } from '../support/random-spec.js';
import { checkText, modelOf } from '../support/specs.js';
import { damagedBytes } from './damage-bytes.js';
import type { Kind } from './kind.js';

/** One of the ways of `damaged`. */
function damagedText(text: string, seed: number): string {
  const cases = damaged(text, 1, seed);
  return cases[seed % cases.length]!.text;
}

export const models: Kind = {
  name: 'model IR',
  async run(seed, keep) {
    const text = damagedText(modelToJson(modelOf(checkText(randomSpec(seed % 50)), 'random')), seed);
    keep('model.json', text);
    const model = modelFromJson(text);
    printModel(model);
    compileModel(model, { verify: true });
  },
};

export const graphs: Kind = {
  name: 'graph IR',
  async run(seed, keep) {
    const model = modelOf(checkText(randomSpec(seed % 50)), 'random');
    const program = compileModel(model);
    if (seed % 3 > 0) {
      const text = damagedText(graphsToJson(program), seed);
      keep('graph.json', text);
      const { stages, evaluation } = graphsFromJson(text, model);
      for (const graph of [evaluation, ...stages.flatMap((s) => s.steps.map((step) => step.graph))])
        printGraph(graph);
      return;
    }
    const text = new TextDecoder().decode(
      damagedBytes(new TextEncoder().encode(printGraph(program.evaluation)), seed),
    );
    keep('graph.txt', text);
    try {
      printGraph(parseGraph(text));
    } catch (error) {
      if (!(error instanceof GraphSyntaxError)) throw error;
    }
  },
};

const [experiment] = check('tiny.ed2l', {
  reader: () => ({ source: 'tiny.ed2l', text: TINY_SPEC }),
}).experiments;

export const experiments: Kind = {
  name: 'experiment IR',
  async run(seed, keep) {
    const text = damagedText(experimentToJson(experiment!), seed);
    keep('experiment.json', text);
    const loaded = experimentFromJson(text);
    assert.equal(experimentFromJson(experimentToJson(loaded)), loaded);
  },
};

export const artifacts: Kind = {
  name: 'artifact',
  async prepare(folder) {
    const checked = check('tiny.ed2l', { reader: () => ({ source: 'tiny.ed2l', text: TINY_SPEC }) });
    const bound = checked.experiments[0]!;
    await writeArtifact(folder, {
      spec: 'tiny.ed2l',
      position: 0,
      settings: {},
      sources: checked.sources,
      programs: bound.stages.map((stage) => compileModel(stage.model)),
      bound,
    });
  },
  async run(seed, keep, folder) {
    const [name] = await readdir(folder);
    const copy = join(folder, '..', 'copy');
    await rm(copy, { recursive: true, force: true });
    await cp(join(folder, name!), copy, { recursive: true });
    const files = (await readdir(copy)).filter((file) => file.endsWith('.json'));
    const file = files[seed % files.length]!;
    const path = join(copy, file);
    const whole = await readFile(path);
    const bytes =
      seed % 2 === 0 ? damagedBytes(whole, seed) : Buffer.from(damagedText(whole.toString(), seed));
    keep(file, bytes);
    await writeFile(path, bytes);
    await load(copy);
  },
};
