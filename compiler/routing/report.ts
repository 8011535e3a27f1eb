/** @file What differentiation decided, for people: the loss × group matrix, the adjoints per value, and the counts beside plainer ways. */
import { alignColumns } from '../columns.js';
import type { ModelIR, StageIR, StepIR } from '../model/ir.js';
import { effectiveRoute, lossOf } from '../passes/objective.js';
import type { CompiledStep } from '../program.js';
import * as C from '../scalar/coefficient.js';
import { adjointLines } from './adjoint-lines.js';
import { alternativeCounts } from './alternatives.js';
import { countVjps } from './demand.js';

/** One cell per loss and group: objective weight times route coefficient, and the mask; absent where the loss does not update the group. */
export interface RouteMatrix {
  readonly step: string;
  readonly groups: readonly string[];
  readonly rows: readonly {
    readonly loss: string;
    readonly weight: string;
    readonly cells: readonly (string | null)[];
  }[];
}

export function routeMatrix(model: ModelIR, stage: StageIR, step: StepIR): RouteMatrix {
  const groups = model.groups.map((g) => g.name);
  const rows = step.objective.map(({ loss, coefficient }) => {
    const route = effectiveRoute(model, stage, lossOf(model, loss).name);
    const masks = new Map(lossOf(model, loss).route.map(({ group, mask }) => [group, mask]));
    const cells = groups.map((group) => {
      const by = route.get(group);
      const mask = masks.get(group);
      if (!by) return null;
      return `${C.formatCoefficient(C.multiply(coefficient, by))}${mask ? ` where ${mask.text}` : ''}`;
    });
    return { loss, weight: C.formatCoefficient(coefficient), cells };
  });
  return { step: step.name, groups, rows };
}

/** `routes model train stage step name`, without the names that are not written. */
export function routesTitle(model: ModelIR, stage: StageIR, step: StepIR): string {
  const train = stage.name === null ? '' : ` train ${stage.name}`;
  return `routes ${model.name}${train}${step.name === 'main' ? '' : ` step ${step.name}`}`;
}

/** The matrix as aligned text, a dot where nothing flows; groups frozen in the stage are marked. */
export function formatRouteMatrix(
  matrix: RouteMatrix,
  title: string,
  frozen: readonly string[] = [],
): string {
  const header = [title, ...matrix.groups.map((g) => (frozen.includes(g) ? `${g} (frozen)` : g))];
  const rows = matrix.rows.map(({ loss, weight, cells }) => [
    `  ${loss}${weight === '1' ? '' : `  x ${weight}`}`,
    ...cells.map((cell) => cell ?? '.'),
  ]);
  return alignColumns([header, ...rows]);
}

/** Matrix, adjoints per value, applications of vector-Jacobian products beside other ways, mixes. */
export function adjointReport(model: ModelIR, stage: StageIR, compiled: CompiledStep): string {
  const { forward, differentiated, step } = compiled;
  const { demand, terms, mixes } = differentiated;
  const counts = countVjps(forward, demand);
  const other = alternativeCounts(forward, demand, model, stage, step);
  return [
    formatRouteMatrix(routeMatrix(model, stage, step), routesTitle(model, stage, step), stage.frozen),
    'adjoints',
    ...adjointLines(forward, demand, terms).map((line) => `  ${line}`),
    `input VJPs ${counts.inputVjps}  one adjoint everywhere ${other.single.inputVjps} | per loss, only its parameters ${other.pruned.inputVjps} | backward() per loss ${other.plain.inputVjps}`,
    `weight VJPs ${counts.weightVjps}  ${other.single.weightVjps} | ${other.pruned.weightVjps} | ${other.plain.weightVjps}`,
    `mixes ${mixes.scalings} scalings, ${mixes.joins} joins${mixes.masks === 0 ? '' : `, ${mixes.masks} masks`}`,
  ].join('\n');
}
