/** @file `ed2lc routes`: who learns from which loss, as a matrix; with --adjoints also what differentiation made of it. */
import type { Command } from 'commander';
import {
  adjointReport,
  compile,
  formatRouteMatrix,
  routeMatrix,
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
    if (options.json) console.out(JSON.stringify(models.map(matricesOf)));
    else console.out(models.map((model) => textOf(model, options.adjoints === true)).join('\n\n'));
  });
}

/** The file's models, else those of its experiments. Throws UsageError. */
function modelsOf(checked: Checked, name: string | undefined): ModelIR[] {
  const models = new Map(checked.experiments.map(({ model }) => [model.name, model]));
  for (const [own, model] of checked.models) models.set(own, model);
  if (name === undefined) {
    if (models.size === 0) throw new UsageError(`${checked.entry} has no model`);
    return [...models.values()];
  }
  const model = models.get(name);
  if (model) return [model];
  throw new UsageError(
    `${checked.entry} has no model ${name}; it has ${[...models.keys()].join(', ') || 'none'}`,
  );
}

function matricesOf(model: ModelIR): object {
  return {
    model: model.name,
    stages: model.stages.map((stage) => ({
      stage: stage.name,
      frozen: stage.frozen,
      steps: stage.steps.map((step) => routeMatrix(model, stage, step)),
    })),
  };
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
      stage.steps.map((step) => {
        const train = stage.name === null ? '' : ` train ${stage.name}`;
        const title = `routes ${model.name}${train}${step.name === 'main' ? '' : ` step ${step.name}`}`;
        return formatRouteMatrix(routeMatrix(model, stage, step), title, stage.frozen);
      }),
    )
    .join('\n\n');
}
