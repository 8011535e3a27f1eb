/** @file `ed2lc routes`: who learns from which loss, as a matrix; with --adjoints also what differentiation made of it. */
import type { Command } from 'commander';
import {
  adjointReport,
  compile,
  formatRouteMatrix,
  routeMatrix,
  routesTitle,
  type Checked,
  type ModelIR,
} from '../../compiler/index.js';
import { checkSpec } from '../check-spec.js';
import type { Console } from '../console.js';
import { UsageError } from '../failures.js';
import { findSpec } from '../find-spec.js';
import { withSettings, type Settings } from '../options.js';

interface RoutesOptions {
  readonly model?: string;
  readonly adjoints?: true;
  readonly json?: true;
  readonly set: Settings;
}

export function registerRoutes(program: Command, console: Console): void {
  const command = program
    .command('routes')
    .description('print the loss × group matrix with effective coefficients')
    .argument('[spec]', 'a file (default: the spec of this directory)')
    .option('--model <name>', 'only this model')
    .option('--adjoints', 'also the adjoints per value, and the work beside plainer ways')
    .option('--json', 'the matrices as JSON');
  withSettings(command).action((named: string | undefined, options: RoutesOptions) => {
    const models = modelsOf(checkSpec(findSpec(named), options.set, console), options.model);
    if (options.json) console.out(JSON.stringify(matricesOf(models)));
    else console.out(models.map((model) => textOf(model, options.adjoints === true)).join('\n\n'));
  });
}

/** The file's models with all of their `train` blocks, then other models as the stages of its experiments run them. Throws UsageError. */
function modelsOf(checked: Checked, name: string | undefined): ModelIR[] {
  const own = [...checked.models.values()];
  const run = checked.experiments
    .flatMap(({ stages }) => stages.map(({ model }) => model))
    .filter((model) => !checked.models.has(model.name));
  // Stages and experiments that do the same are one.
  const others = new Map(run.map((model) => [JSON.stringify(matricesOf([model])), model]));
  const all = [...own, ...others.values()];
  if (all.length === 0) throw new UsageError(`${checked.entry} has no model`);
  const chosen = all.filter((model) => name === undefined || model.name === name);
  if (chosen.length > 0) return chosen;
  const names = [...new Set(all.map((model) => model.name))];
  throw new UsageError(`${checked.entry} has no model ${name}; it has ${names.join(', ')}`);
}

/** One object for each name of a model. */
function matricesOf(models: readonly ModelIR[]): object[] {
  return [...new Set(models.map((model) => model.name))].map((name) => ({
    model: name,
    stages: models
      .filter((model) => model.name === name)
      .flatMap((model) =>
        model.stages.map((stage) => ({
          stage: stage.name,
          frozen: stage.frozen,
          steps: stage.steps.map((step) => routeMatrix(model, stage, step)),
        })),
      ),
  }));
}

function textOf(model: ModelIR, adjoints: boolean): string {
  if (model.stages.length === 0) return `routes ${model.name}: no train block, so nothing is updated`;
  if (adjoints) {
    return compile(model)
      .stages.flatMap(({ stage, steps }) => steps.map((step) => adjointReport(model, stage, step)))
      .join('\n\n');
  }
  return model.stages
    .flatMap((stage) =>
      stage.steps.map((step) =>
        formatRouteMatrix(routeMatrix(model, stage, step), routesTitle(model, stage, step), stage.frozen),
      ),
    )
    .join('\n\n');
}
