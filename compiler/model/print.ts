/** @file The model IR as text for people and goldens (docs/ir.md, "Model IR"). */
import { printGraph } from '../graph/print.js';
import { formatType } from '../graph/graph.js';
import { formatCoefficient, isOne } from '../scalar/coefficient.js';
import type { ScalarExpr } from '../scalar/expression.js';
import { ROLES, type HyperIR, type InitIR, type ModelIR, type OptimizerIR, type StageIR } from './ir.js';

export function printModel(model: ModelIR): string {
  const lines = [
    `model ${model.name}`,
    ...model.hypers.map((h) => `hyper ${h.name} = ${formatHyper(h)}`),
    ...model.scalars
      .filter((s) => !model.hypers.some((h) => h.name === s.name))
      .map((s) => `scalar ${s.name} = ${formatScalar(s.value)}`),
    ...model.inputs.map(
      (i) =>
        `input ${i.name} : ${formatType({ dtype: 'f32', shape: i.shape })}${i.stream === null ? '' : ` from ${i.stream}`}`,
    ),
    ...model.labels.map(
      (l) =>
        `label ${l.name} : ${l.kind === 'class' ? `class[${l.classes.length}] of ${l.classes.join(', ')}` : l.kind}`,
    ),
    ...model.groups.flatMap((group) => [
      `group ${group.name}  ${countOf(group.parameters)} parameters`,
      ...group.parameters.map(
        (p) => `  ${p.path} : f32[${p.shape.join(', ')}] ${p.role} = ${formatInit(p.init)}`,
      ),
      ...group.statistics.map((s) => `  ${s.path} : f32[${s.shape.join(', ')}] statistic = ${s.initial}`),
    ]),
    ...model.values.map(
      ({ name, value }) => `value ${name} : ${formatType(model.graph.values[value]!)} = %${value}`,
    ),
    ...model.losses.map((loss) => {
      const route = loss.route.map(({ group, by, mask }) =>
        [
          group,
          ...(isOne(by) ? [] : [`by ${formatCoefficient(by)}`]),
          ...(mask ? [`where ${mask.text} = %${mask.value}`] : []),
        ].join(' '),
      );
      return `loss ${loss.name} updates ${route.join(', ')}`;
    }),
    ...model.predictions.map((p) => `predict ${p.name}${p.label === null ? '' : ` of label ${p.label}`}`),
    ...model.stages.flatMap(printStage),
    'graph',
    printGraph(model.graph).trimEnd(),
  ];
  return `${lines.join('\n')}\n`;
}

export function countOf(parameters: readonly { readonly shape: readonly number[] }[]): number {
  return parameters.reduce((sum, p) => sum + p.shape.reduce((n, d) => n * d, 1), 0);
}

function printStage(stage: StageIR): string[] {
  return [
    `train${stage.name === null ? '' : ` ${stage.name}`}  batch ${stage.batch}  epochs ${stage.epochs}  seed ${stage.seed}`,
    ...(stage.frozen.length > 0 ? [`  freeze ${stage.frozen.join(', ')}`] : []),
    ...(stage.frozenStatistics.length > 0
      ? [`  freeze statistics ${stage.frozenStatistics.join(', ')}`]
      : []),
    ...stage.start.map(
      ({ groups, from }) =>
        `  start ${groups.join(', ')} from ${from.kind === 'file' ? JSON.stringify(from.name) : from.name}`,
    ),
    ...stage.steps.flatMap((step) => [
      `  step ${step.name}${step.repeat === 1 ? '' : ` repeat ${step.repeat}`}${step.every === 1 ? '' : ` every ${step.every}`}`,
      `    minimize ${step.objective.map((o) => `${formatCoefficient(o.coefficient)} * ${o.loss}`).join(' + ')}`,
      ...step.optimizers.map((o) => `    using ${formatOptimizer(o)} for ${o.groups.join(', ')}`),
    ]),
    ...stage.log.map(({ name, value }) => `  log ${name} = %${value}`),
  ];
}

export function formatOptimizer(o: OptimizerIR): string {
  const options = Object.entries(o.options).map(([name, value]) => `${name}: ${formatScalar(value)}`);
  const flags = [
    ...(o.nesterov ? ['nesterov: true'] : []),
    ...(o.decoupled ? ['decoupled: true'] : []),
    ...(o.decayOn.length < ROLES.length ? [`decay_on: [${o.decayOn.join(', ')}]`] : []),
  ];
  return `${o.kind}(${[`rate: ${formatScalar(o.rate)}`, ...options, ...flags].join(', ')})`;
}

export function formatHyper(hyper: HyperIR): string {
  return typeof hyper.value === 'object' ? formatScalar(hyper.value) : JSON.stringify(hyper.value);
}

export function formatScalar(e: ScalarExpr): string {
  switch (e.kind) {
    case 'fixed':
      return e.value;
    case 'variable':
    case 'scalar':
      return e.name;
    case 'plateau':
      return `plateau(${formatScalar(e.from)}, ${e.loss}, factor: ${e.factor}, patience: ${e.patience})`;
    case 'call': {
      const parts = e.arguments.map(formatScalar);
      if (e.name === 'neg') return `-${parts[0]}`;
      return '+-*/^'.includes(e.name) ? `(${parts.join(` ${e.name} `)})` : `${e.name}(${parts.join(', ')})`;
    }
  }
}

export function formatInit(init: InitIR): string {
  switch (init.kind) {
    case 'he':
      return `he(slope: ${init.slope}, fan_in: ${init.fanIn})`;
    case 'xavier':
      return `xavier(fan_in: ${init.fanIn}, fan_out: ${init.fanOut})`;
    case 'gaussian':
      return `gaussian(sd: ${init.sd})`;
    case 'constant':
      return `constant(${init.value})`;
  }
}
