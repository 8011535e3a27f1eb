/** @file `ed2lc compile`: leaves `.ed2l/NAME/` for every experiment of a spec (or every model, without experiments), or shows what a pass made. */
import { Option, type Command } from 'commander';
import {
  compile,
  compileExperiment,
  formatStats,
  printGraph,
  programStats,
  TRAINING_PASSES,
  wasmTarget,
  type BoundExperiment,
  type Checked,
  type CompileOptions as PassOptions,
  type ModelIR,
  type Program,
} from '../../compiler/index.js';
import { writeArtifact } from '../../runtime/artifacts/artifact.js';
import { checkSpec } from '../check-spec.js';
import type { Console } from '../console.js';
import { UsageError } from '../failures.js';
import { findSpec } from '../find-spec.js';
import { withSettings, type Settings } from '../options.js';
import { inShell } from '../shell-words.js';

const PASSES = TRAINING_PASSES.map((pass) => pass.name);
export const ARTIFACTS = '.ed2l';

interface CompileOptions {
  readonly only?: string;
  readonly out: string;
  readonly stats?: true;
  readonly verify?: true;
  readonly printAfter?: string;
  readonly stopAfter?: string;
  readonly set: Settings;
}

export function registerCompile(program: Command, console: Console): void {
  const command = program
    .command('compile')
    .description('compile a spec to .ed2l/NAME/: IRs, graphs, and the inference model')
    .argument('[spec]', 'a file (default: the spec of this directory)')
    .option('--only <name>', 'only this experiment, or this model of a spec without experiments')
    .option('--out <folder>', 'where NAME/ is written', ARTIFACTS)
    .option('--stats', 'print parameters, operations, bytes and adjoints per part')
    .option('--verify', 'check the promise of every pass')
    .addOption(
      new Option('--print-after <pass>', 'print the graph of each step after a pass').choices([
        ...PASSES,
        'all',
      ]),
    )
    .addOption(
      new Option('--stop-after <pass>', 'stop there, print the graph, and write nothing').choices(PASSES),
    );
  withSettings(command).action(async (named: string | undefined, options: CompileOptions) => {
    const spec = findSpec(named);
    const checked = checkSpec(spec, options.set, console);
    const units = unitsOf(checked, options.only);
    if (units.length === 0) {
      console.say(`${spec} holds blocks for other specs: there is nothing to compile`);
      return;
    }
    for (const unit of units) {
      const programs = compileUnit(unit, options, console);
      if (options.stopAfter !== undefined) continue;
      if (options.stats) console.out(programs.map(statsOf).join('\n\n'));
      const { path, withoutInference } = await writeArtifact(options.out, {
        spec,
        position: unit.position,
        settings: options.set,
        sources: checked.sources,
        programs,
        bound: unit.bound,
      });
      console.say(`compiled ${unit.model.name} to ${path}`);
      if (withoutInference !== undefined)
        console.say(`note: no inference model was written: ${withoutInference}`);
    }
    if (options.stopAfter === undefined && units[0]!.bound) sayNext(named, options, console);
  });
}

/** `run` looks for what was compiled in its usual place. */
function sayNext(named: string | undefined, { only, out }: CompileOptions, console: Console): void {
  if (out !== ARTIFACTS) return;
  const experiment = only === undefined ? '' : ` --experiment ${only}`;
  console.say(`next: ed2lc run${named === undefined ? '' : ` ${inShell(named)}`}${experiment}`);
}

/** What becomes one folder. */
interface Unit {
  readonly name: string;
  readonly model: ModelIR;
  readonly bound: BoundExperiment | null;
  readonly position: number;
}

/** Throws UsageError for a name that is not there. */
function unitsOf({ entry, experiments, models }: Checked, only: string | undefined): Unit[] {
  const units =
    experiments.length > 0
      ? experiments.map((bound, position): Unit => {
          const { experiment, model } = bound;
          return { name: experiment.name, model, bound, position };
        })
      : [...models.values()].map((model, position): Unit => ({
          name: model.name,
          model,
          bound: null,
          position,
        }));
  if (only === undefined) return units;
  const chosen = units.filter(({ name }) => name === only);
  if (chosen.length > 0) return chosen;
  throw new UsageError(
    `${entry} has no ${only}; it has ${units.map((unit) => unit.name).join(', ') || 'nothing to compile'}`,
  );
}

function compileUnit({ model, bound }: Unit, options: CompileOptions, console: Console): Program[] {
  const { printAfter, stopAfter } = options;
  const compileOptions: PassOptions = {
    verify: options.verify === true,
    observe: (stage, step, pass, graph) => {
      if (pass === printAfter || printAfter === 'all' || (pass === stopAfter && printAfter === undefined)) {
        const place = `${model.name}${stage === null ? '' : ` stage ${stage}`} step ${step}`;
        console.out(`== ${place}, after ${pass}\n${printGraph(graph)}`);
      }
      return pass === stopAfter;
    },
  };
  return bound ? compileExperiment(bound, compileOptions) : [compile(model, compileOptions)];
}

/** At the batch of the first stage, and with the memory that `wasm` needs: no engine is chosen here, and that one runs everywhere. */
const statsOf = (program: Program): string =>
  formatStats(programStats(program, program.stages[0]?.stage.batch ?? 1, wasmTarget));
