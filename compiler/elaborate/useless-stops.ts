/** @file Warns of a `stop` that takes no gradient from anybody: no loss updates anything above it through it. */
import type { Node } from '../graph/graph.js';
import type { LossIR } from '../model/ir.js';
import { openFrom, parametersOf, reachOf } from './reach.js';
import type { RouteContext } from './routes.js';

/** A loss in `updatesAll` would update every group that reaches it; the `stop` takes those above it out of the route. */
export function warnUselessStops(
  losses: readonly LossIR[],
  updatesAll: ReadonlySet<string>,
  { graph, members, shared }: RouteContext,
): void {
  const waiting = new Set(graph.nodes.filter((node) => isStop(node)));
  const useful = new Set<number>();
  for (const loss of losses) {
    if (waiting.size === 0) return;
    const routed = updatesAll.has(loss.name) ? members.namesOf('group') : loss.route.map((r) => r.group);
    const above = openFrom(
      graph,
      routed.flatMap((group) => parametersOf(graph, group).map((p) => p.outputs[0]!)),
    );
    const below = reachOf(graph, loss.value).open;
    for (const stop of waiting) {
      if (!below.has(stop.outputs[0]!) || !above.has(stop.inputs[0]!)) continue;
      waiting.delete(stop);
      useful.add(placeOf(stop));
    }
  }
  // stop(group) is one stop per parameter, all written at one place.
  for (const stop of waiting) {
    if (useful.has(placeOf(stop))) continue;
    shared.report.warning('ED4011', stop.origin.span!, 'this `stop` has no effect', {
      hint: 'no loss updates anything above it through here; take it away',
    });
  }
}

/** As it is written; the weights of a reduction are stopped too, and nobody wrote that. */
const isStop = ({ op, origin }: Node): boolean =>
  (op === 'stop' || op === 'stop_where') && origin.span !== undefined && origin.from === 'source';

const placeOf = (stop: Node): number => stop.origin.span!.start;
