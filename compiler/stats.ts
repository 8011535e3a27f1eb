/** @file What a compiled program costs, for `compile --stats`: per group and part of a step, and the memory each plan needs. */
import { alignColumns } from './columns.js';
import { addCost, costOf, NO_COST, type Cost } from './graph/cost.js';
import type { Node } from './graph/graph.js';
import { countOf } from './model/print.js';
import { makePlan } from './plan/make-plan.js';
import { predictPeak, type Peak } from './plan/predict-peak.js';
import type { CompiledStep, Program } from './program.js';
import type { Target } from './targets/target.js';

export type Part = 'forward' | 'backward' | 'update';
const PARTS: readonly Part[] = ['forward', 'backward', 'update'];

export interface PartStats {
  /** null: computed outside every group (losses, plain expressions). */
  readonly group: string | null;
  readonly part: Part;
  readonly convolutions: Cost;
  /** Everything that is not a convolution. */
  readonly rest: Cost;
  /** Of the backward part: how many values carry so many adjoints, by their number. Parameters do not count. */
  readonly adjoints: ReadonlyMap<number, number>;
}

export interface StepStats {
  readonly stage: string | null;
  readonly step: string;
  /** In declaration order of the groups, then what lies outside; parts that do nothing are left out. */
  readonly parts: readonly PartStats[];
  readonly peak: Peak;
}

export interface ProgramStats {
  readonly model: string;
  readonly batch: number;
  readonly target: string;
  /** Numbers a group learns, and numbers batch norm keeps for it. */
  readonly groups: readonly {
    readonly name: string;
    readonly parameters: number;
    readonly statistics: number;
  }[];
  readonly steps: readonly StepStats[];
  /** The memory of the evaluation graph. */
  readonly evaluation: Peak;
}

/** `batch`: samples per step, positive. FLOPs and bytes are those of the training graphs, before they are written for a target. */
export function programStats(program: Program, batch: number, target: Target): ProgramStats {
  const { model, stages, evaluation } = program;
  const groups = model.groups.map((g) => g.name);
  return {
    model: model.name,
    batch,
    target: target.name,
    groups: model.groups.map(({ name, parameters, statistics }) => ({
      name,
      parameters: countOf(parameters),
      statistics: countOf(statistics),
    })),
    steps: stages.flatMap(({ stage, steps }) =>
      steps.map((step) => ({
        stage: stage.name,
        step: step.step.name,
        parts: partsOf(step, [...groups, null], batch),
        peak: predictPeak(makePlan(step.graph, target), batch),
      })),
    ),
    evaluation: predictPeak(makePlan(evaluation, target), batch),
  };
}

const partOf = ({ origin }: Node): Part =>
  origin.from === 'source' ? 'forward' : origin.from === 'update' ? 'update' : 'backward';

const isConvolution = (node: Node): boolean => node.op.includes('conv2d');

function partsOf(step: CompiledStep, groups: readonly (string | null)[], batch: number): PartStats[] {
  return groups
    .flatMap((group) =>
      PARTS.map((part): PartStats => {
        const nodes = step.graph.nodes.filter((n) => (n.group ?? null) === group && partOf(n) === part);
        const cost = (of: readonly Node[]): Cost =>
          of.reduce((sum, node) => addCost(sum, costOf(node, step.graph, batch)), NO_COST);
        return {
          group,
          part,
          convolutions: cost(nodes.filter(isConvolution)),
          rest: cost(nodes.filter((node) => !isConvolution(node))),
          adjoints: part === 'backward' ? adjointsOf(step, group) : new Map(),
        };
      }),
    )
    .filter(({ convolutions, rest }) => convolutions.nodes + rest.nodes > 0);
}

function adjointsOf(
  { forward, differentiated: { demand } }: CompiledStep,
  group: string | null,
): Map<number, number> {
  const counts = new Map<number, number>();
  for (const node of forward.nodes) {
    if (node.op === 'parameter' || (node.group ?? null) !== group) continue;
    const held = demand.carriers.get(node.outputs[0]!)?.length ?? 0;
    if (held > 0) counts.set(held, (counts.get(held) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a], [b]) => a - b));
}

/** Aligned text: a table of groups, a table per step in MFLOP and MB (10⁶), and the peaks. */
export function formatStats(stats: ProgramStats): string {
  const blocks = [
    groupTable(stats),
    ...stats.steps.map((step) => `${stepTitle(step)}\n${stepTable(step)}`),
    peakTable(stats),
  ];
  return `${blocks.join('\n\n')}\n`;
}

const OUTSIDE = 'outside groups';
const thousands = (n: number): string => n.toLocaleString('en-US');
const million = (n: number): string =>
  (n / 1e6).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const mebibytes = (n: number): string => `${(n / 2 ** 20).toFixed(1)} MiB`;

function groupTable({ model, batch, groups }: ProgramStats): string {
  const row = (name: string, of: ProgramStats['groups']): string[] => [
    name,
    thousands(of.reduce((n, g) => n + g.parameters, 0)),
    thousands(of.reduce((n, g) => n + g.statistics, 0)),
  ];
  return alignColumns([
    [`${model}, batch ${batch}`, 'parameters', 'statistics'],
    ...groups.map((g) => row(`  ${g.name}`, [g])),
    row('  all', groups),
  ]);
}

const stepTitle = ({ stage, step }: StepStats): string =>
  `${stage === null ? '' : `stage ${stage} `}step ${step}`;

function stepTable({ parts }: StepStats): string {
  const held = [...new Set(parts.flatMap((p) => [...p.adjoints.keys()]))].sort((a, b) => a - b);
  const row = (name: string, of: readonly PartStats[], total: boolean): string[] => {
    const convolutions = of.reduce((sum, p) => addCost(sum, p.convolutions), NO_COST);
    const rest = of.reduce((sum, p) => addCost(sum, p.rest), NO_COST);
    const adjoints = held.map((n) => of.reduce((sum, p) => sum + (p.adjoints.get(n) ?? 0), 0));
    const backward = total || of.some((p) => p.part === 'backward');
    return [
      name,
      million(convolutions.flops),
      million(rest.flops),
      million(convolutions.bytes),
      million(rest.bytes),
      ...adjoints.map((n) => (backward ? String(n) : '')),
    ];
  };
  return alignColumns([
    [
      '',
      'MFLOP conv',
      'MFLOP other',
      'MB conv',
      'MB other',
      ...held.map((n) => `${n} adjoint${n === 1 ? '' : 's'}`),
    ],
    ...parts.map((p) => row(`  ${p.group ?? OUTSIDE}  ${p.part}`, [p], false)),
    row('  all', parts, true),
  ]);
}

function peakTable({ target, batch, steps, evaluation }: ProgramStats): string {
  const row = (name: string, { bytes, state }: Peak): string[] => [
    `  ${name}`,
    mebibytes(bytes),
    mebibytes(state),
  ];
  return alignColumns([
    [`peak memory on ${target}, batch ${batch}`, 'bytes', 'of it parameters, moments, statistics'],
    ...steps.map((step) => row(stepTitle(step), step.peak)),
    row('evaluation', evaluation),
  ]);
}
