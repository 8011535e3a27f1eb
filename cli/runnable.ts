/** @file What `run` trains: what was compiled if it is current, else compiled now; or what an unfinished run began with. */
import { existsSync, readFileSync } from 'node:fs';
import {
  compileExperiment,
  trainableStages,
  type BoundExperiment,
  type TrainableStage,
} from '../compiler/index.js';
import { load, staleness, writeArtifact } from '../runtime/artifacts/artifact.js';
import { ArtifactError } from '../runtime/artifacts/errors.js';
import { findArtifact } from '../runtime/artifacts/find.js';
import { loadRun } from '../runtime/experiment/record.js';
import { checkSpec, chooseExperiment } from './check-spec.js';
import { ARTIFACTS } from './commands/compile.js';
import type { Console } from './console.js';
import { UsageError } from './failures.js';
import { findSpec } from './find-spec.js';
import type { EngineOptions, Settings } from './options.js';

export interface RunnableOptions {
  readonly experiment?: string;
  readonly set: Settings;
  readonly resume?: string;
  readonly engine: EngineOptions['engine'];
  /** How the command line names another experiment of a spec (default: `--experiment NAME`). */
  readonly toChoose?: (spec: string) => string;
}

export interface Runnable {
  readonly bound: BoundExperiment;
  readonly stages: readonly TrainableStage[];
  readonly settings: Settings;
  readonly spec: string;
  readonly engine: EngineOptions['engine'];
}

/** A run to go on with needs no spec; if one is given, it must say the same. Throws SpecFailure, UsageError, ArtifactError and RunRecordError. */
export async function runnable(
  named: string | undefined,
  options: RunnableOptions,
  console: Console,
): Promise<Runnable> {
  const { resume, set, engine } = options;
  if (resume === undefined) return ofSpec(findSpec(named), options, console);
  const { record, bound } = await loadRun(resume);
  const recorded = engine === 'auto' ? (record.engine as Runnable['engine']) : engine;
  if (named !== undefined)
    return {
      ...(await ofSpec(named, { ...options, experiment: record.experiment }, console)),
      engine: recorded,
    };
  if (Object.keys(set).length > 0)
    throw new UsageError(`${resume} goes on with the values it began with: leave --set out`);
  return {
    bound,
    stages: trainableStages(compileExperiment(bound)),
    settings: record.settings,
    spec: record.spec ?? resume,
    engine: recorded,
  };
}

async function ofSpec(
  spec: string,
  { experiment, set, engine, toChoose = () => '--experiment NAME' }: RunnableOptions,
  console: Console,
): Promise<Runnable> {
  const found = await findArtifact(ARTIFACTS, spec, experiment, (message) => console.say(`note: ${message}`));
  const given = Object.keys(set).length > 0;
  if (found) {
    const reason = staleness(found.manifest, given ? set : undefined, readIfThere);
    if (reason === undefined) {
      try {
        const loaded = await load(found.path);
        const { settings } = found.manifest;
        saySettings(settings, console);
        return { ...loaded, settings, spec, engine };
      } catch (error) {
        if (!(error instanceof ArtifactError)) throw error;
        console.say(`note: ${error.message}`);
      }
    }
    console.say(`compiling again: ${reason ?? 'what was compiled is damaged'}`);
  }
  // What was compiled with --set is compiled again with the same, unless told otherwise.
  const settings = given ? set : (found?.manifest.settings ?? {});
  if (!given) saySettings(settings, console);
  const checked = checkSpec(spec, settings, console);
  const bound = chooseExperiment(checked, experiment);
  const others = checked.experiments.map((e) => e.experiment.name).filter((n) => n !== bound.experiment.name);
  if (experiment === undefined && others.length > 0)
    console.say(
      `running ${bound.experiment.name}; also in ${spec}: ${others.join(', ')} (${toChoose(spec)})`,
    );
  const programs = compileExperiment(bound);
  const stages = trainableStages(programs);
  // The settings of one run are not those of the next.
  if (given) return { bound, stages, settings, spec, engine };
  const position = checked.experiments.indexOf(bound);
  try {
    const source = { spec, position, settings, sources: checked.sources, programs, bound };
    const { path } = await writeArtifact(ARTIFACTS, source);
    console.detail(`compiled to ${path}`);
  } catch (error) {
    // The run has what it needs; only the next one will have to compile again.
    if (!(error instanceof ArtifactError)) throw error;
    console.say(`note: ${error.message}`);
  }
  return { bound, stages, settings, spec, engine };
}

/** Values that this command line does not name must not act in silence. */
function saySettings(settings: Settings, console: Console): void {
  const all = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  if (all.length > 0) console.say(`compiled with ${all.join(', ')}`);
}

const readIfThere = (file: string): string | undefined =>
  existsSync(file) ? readFileSync(file, 'utf8') : undefined;
