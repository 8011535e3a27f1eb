/** @file Compiled specs on disk: `.ed2l/NAME/` with the IRs, the inference model and the hashes of what they were made from. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SourceText } from '../../compiler/diagnostics/render.js';
import { ExportError } from '../../compiler/export/writer.js';
import { programFiles } from '../../compiler/export/artifact.js';
import { stageFolder, type BoundExperiment } from '../../compiler/model/experiment.js';
import {
  bindExperiment,
  experimentFromJson,
  experimentToJson,
} from '../../compiler/model/experiment-json.js';
import { graphsFromJson } from '../../compiler/model/graphs-json.js';
import { modelFromJson } from '../../compiler/model/json.js';
import { ModelFormatError } from '../../compiler/model/format-error.js';
import { trainableStages, type Program, type TrainableStage } from '../../compiler/program.js';
import { ArtifactError } from './errors.js';
import { untrainedInferenceFiles } from './inference.js';
import { COMPILER_VERSION } from '../version.js';
import { hashOf, hashSources, manifestOf, manifestText, type Manifest } from './manifest.js';

export interface ArtifactSource {
  readonly spec: string;
  /** Where the experiment (or model) stands in the spec, from 0. */
  readonly position: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly sources: readonly SourceText[];
  /** One per stage of the experiment, the last of which is judged; of a model without an experiment, its own. */
  readonly programs: readonly Program[];
  /** null: a model without an experiment. */
  readonly bound: BoundExperiment | null;
}

export interface LoadedArtifact {
  readonly manifest: Manifest;
  readonly bound: BoundExperiment;
  /** One per stage of the experiment. */
  readonly stages: readonly TrainableStage[];
}

/** What `load` reads. */
const LOADED = /(^|\/)(model|graph|experiment)\.json$/;

export const artifactName = ({ bound, programs }: Pick<ArtifactSource, 'bound' | 'programs'>): string =>
  bound?.experiment.name ?? programs.at(-1)!.model.name;

/**
 * Writes `ROOT/NAME/`, replacing an older one as a whole. Returns its path, and why no inference model could be written, if so.
 * Throws ArtifactError.
 */
export async function writeArtifact(
  root: string,
  source: ArtifactSource,
): Promise<{ path: string; withoutInference?: string }> {
  const { programs, bound } = source;
  const judged = programs.at(-1)!;
  const path = join(root, artifactName(source));
  const files: Record<string, string | Uint8Array> = {};
  for (const [i, program] of programs.entries())
    for (const [name, text] of Object.entries(programFiles(program)))
      files[`${stageFolder(i, programs.length)}${name}`] = text;
  if (bound) files['experiment.json'] = `${experimentToJson(bound)}\n`;
  const hashes = Object.entries(files).flatMap(([name, text]) =>
    typeof text === 'string' && LOADED.test(name) ? [[name, hashOf(text)]] : [],
  );
  let withoutInference: string | undefined;
  try {
    Object.assign(files, untrainedInferenceFiles(judged));
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    withoutInference = error.message;
  }
  const manifest: Manifest = {
    format: 'ed2l-artifact',
    version: 1,
    compiler: COMPILER_VERSION,
    spec: source.spec,
    experiment: bound?.experiment.name ?? null,
    position: source.position,
    model: judged.model.name,
    settings: source.settings,
    sources: hashSources(source.sources),
    files: Object.fromEntries(hashes),
  };
  files['manifest.json'] = manifestText(manifest);
  await replaceFolder(path, files);
  return { path, ...(withoutInference !== undefined && { withoutInference }) };
}

/** Written beside and renamed: nobody meets half an artifact. Throws ArtifactError, also rather than replace a folder of somebody else's. */
async function replaceFolder(
  path: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  const fresh = `${path}.${process.pid}.new`;
  const there = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [] as string[];
    throw new ArtifactError(`${path} could not be written: ${error.message}`);
  });
  if (there.length > 0 && !there.includes('manifest.json'))
    throw new ArtifactError(`${path} was not written by ed2lc, and is left as it is: choose another --out`);
  try {
    for (const [name, content] of Object.entries(files)) {
      const file = join(fresh, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    await rm(path, { recursive: true, force: true });
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw new ArtifactError(`${path} could not be written: ${(error as Error).message}`);
  }
}

/** The manifest of `ROOT/NAME/`; undefined if nothing was compiled there. Throws ArtifactError for a damaged one. */
export async function readManifest(path: string): Promise<Manifest | undefined> {
  const file = join(path, 'manifest.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const manifest = manifestOf(text);
  if (manifest) return manifest;
  throw new ArtifactError(`${file} is damaged: compile the spec again`);
}

/** Why the artifact is not what compiling now would give; undefined if it is. `read` gives the text of a source. */
export function staleness(
  manifest: Manifest,
  settings: Readonly<Record<string, string>> | undefined,
  read: (source: string) => string | undefined,
): string | undefined {
  if (manifest.compiler !== COMPILER_VERSION) return `it was compiled by version ${manifest.compiler}`;
  if (
    settings &&
    JSON.stringify(Object.entries(settings).sort()) !==
      JSON.stringify(Object.entries(manifest.settings).sort())
  )
    return 'a hyper was set to another value';
  for (const [name, hash] of Object.entries(manifest.sources)) {
    const text = read(name);
    if (text === undefined) return `${name} is gone`;
    if (hashOf(text) !== hash) return `${name} has changed`;
  }
  return undefined;
}

/** What `compile` left in a folder. Throws ArtifactError, naming the file that is missing or damaged. */
export async function load(path: string): Promise<LoadedArtifact> {
  const manifest = await readManifest(path);
  if (!manifest) throw new ArtifactError(`nothing was compiled to ${path}`);
  if (manifest.experiment === null) throw new ArtifactError(`${path} holds a model without an experiment`);
  const experiment = await part(path, manifest, 'experiment.json', experimentFromJson);
  const graphs: { readonly stages: readonly TrainableStage[] }[] = [];
  const bound = await bindExperiment(experiment, async (folder) => {
    const model = await part(path, manifest, `${folder}model.json`, modelFromJson);
    graphs.push(await part(path, manifest, `${folder}graph.json`, (text) => graphsFromJson(text, model)));
    return model;
  });
  return { manifest, bound, stages: trainableStages(graphs) };
}

async function part<T>(
  path: string,
  { files }: Manifest,
  name: string,
  parse: (text: string) => T,
): Promise<T> {
  const file = join(path, name);
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new ArtifactError(`${file} could not be read: ${error.message}`);
  });
  const changed = hashOf(text) !== files[name];
  try {
    const parsed = parse(text);
    if (!changed) return parsed;
  } catch (error) {
    if (!(error instanceof ModelFormatError)) throw error;
    throw new ArtifactError(`${file} is ${error.message}; compile the spec again`);
  }
  throw new ArtifactError(`${file} is not what was compiled: compile the spec again`);
}
