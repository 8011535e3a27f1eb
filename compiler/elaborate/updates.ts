/** @file What a training must do with every group: update it or freeze it, and know what its batch norm does. */
import type { Report } from '../diagnostics/report.js';
import type { Graph } from '../graph/graph.js';
import type { GroupIR, LossIR, StageIR } from '../model/ir.js';
import { isEmpty } from '../routing/carrier.js';
import { collectTerms } from '../routing/terms.js';
import * as C from '../scalar/coefficient.js';
import { computedFrom } from './reach.js';
import { listed } from '../diagnostics/suggestion.js';

export function checkUpdates(
  groups: readonly GroupIR[],
  losses: readonly LossIR[],
  stages: readonly StageIR[],
  applied: ReadonlySet<string>,
  graph: Graph,
  report: Report,
): void {
  const byName = new Map(losses.map((l) => [l.name, l]));
  const updatedIn = new Map(stages.map((stage) => [stage, groupsUpdatedIn(stage, byName)]));
  const idle = new Set<string>();
  for (const group of groups) {
    // A group that is applied and has no parameters has nothing to update.
    if (group.parameters.length === 0 && applied.has(group.name)) continue;
    const frozen = stages.some((s) => s.frozen.includes(group.name));
    if (!frozen && !stages.some((s) => updatedIn.get(s)!.has(group.name))) {
      const routes = losses.flatMap((l) =>
        l.route.filter((r) => r.group === group.name).map((r) => ({ loss: l.name, span: r.span })),
      );
      const routed = routes.map((r) => r.loss);
      idle.add(group.name);
      report.error('ED4008', group.span, `nothing ever updates \`${group.name}\``, {
        ...(routes.length > 0 && {
          labels: routes.map(({ loss, span }) => ({ span, message: `the route of \`${loss}\`` })),
        }),
        hint:
          routed.length > 0
            ? `${listed(routed)} would, but no step minimizes it; add it to \`minimize\`, or write \`freeze ${group.name}\``
            : `add it to the \`updates\` of a loss, or write \`freeze ${group.name}\` in \`train\``,
      });
    }
  }
  const minimized = new Set(
    stages.flatMap((s) => s.steps.flatMap((step) => step.objective.map((o) => o.loss))),
  );
  for (const loss of losses) {
    if (!minimized.has(loss.name))
      report.warning('ED4010', loss.span, `no step minimizes \`${loss.name}\``, {
        hint: 'add it to a `minimize`, or delete it',
      });
    if (loss.route.length > 0 && cancels(loss, graph))
      report.warning('ED4009', loss.span, `the terms of \`${loss.name}\` cancel, so it updates nothing`, {
        hint: 'write the loss without what is added and taken away again',
      });
  }
  // What is to be done about an idle group also settles its batch norm.
  const others = groups.filter((g) => !idle.has(g.name));
  for (const stage of stages) checkBatchNorm(others, byName, stage, updatedIn.get(stage)!, graph, report);
}

/** Whether nothing is left of the loss once it is written as a sum of terms. */
function cancels({ name, value }: LossIR, graph: Graph): boolean {
  const route = new Map([[name, C.ONE]]);
  const losses = [{ name, value, weight: C.ONE, route }];
  const { wants } = collectTerms(graph, { losses, groups: [{ name, parameters: [] }] });
  return isEmpty(wants.get(name)!);
}

function groupsUpdatedIn(stage: StageIR, losses: ReadonlyMap<string, LossIR>): Set<string> {
  const routes = stage.steps
    .flatMap((step) => step.objective.filter((o) => !C.isZero(o.coefficient)))
    .flatMap(({ loss }) => losses.get(loss)?.route ?? []);
  return new Set(routes.map((r) => r.group).filter((g) => !stage.frozen.includes(g)));
}

/** Batch norm that normalises by the batch in a group nothing updates would never learn its running statistics. */
function checkBatchNorm(
  groups: readonly GroupIR[],
  losses: ReadonlyMap<string, LossIR>,
  stage: StageIR,
  updated: ReadonlySet<string>,
  graph: Graph,
  report: Report,
): void {
  const minimized = stage.steps.flatMap((s) => s.objective.flatMap((o) => losses.get(o.loss) ?? []));
  const wanted = minimized.flatMap((l) => [l.value, ...l.route.flatMap((r) => r.mask?.value ?? [])]);
  for (const group of groups) {
    if (
      group.statistics.length === 0 ||
      updated.has(group.name) ||
      stage.frozen.includes(group.name) ||
      stage.frozenStatistics.includes(group.name)
    )
      continue;
    const statistics = graph.nodes
      .filter((n) => n.op === 'statistic' && n.group === group.name)
      .map((n) => n.outputs[0]!);
    const derived = computedFrom(graph, statistics);
    if (!wanted.some((value) => derived.has(value))) continue;
    report.error(
      'ED5007',
      group.span,
      `\`${group.name}\` has batch norm and runs in this \`train\`, which neither updates nor freezes it`,
      {
        labels: [
          {
            span: { ...stage.span, end: stage.span.start + 'train'.length },
            message: 'its running statistics would stay as they are',
          },
        ],
        hint: `write \`freeze ${group.name}\`${group.parameters.length > 0 ? ', or route a loss to it' : ''}`,
      },
    );
  }
}
