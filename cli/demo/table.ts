/** @file The demo's table, and in words what it can tell and what it cannot. */
import { alignColumns } from '../../compiler/columns.js';
import {
  accuracyOf,
  difference,
  overlap,
  percent,
  type Decision,
  type Interval,
} from '../../runtime/index.js';
import type { Row } from './measure.js';

/** What was decided about: by chance, one in so many is right. */
export interface Choices {
  readonly data: string;
  readonly classes: number;
  /** Held out in one fold. */
  readonly people: number;
}

export function formatTable(rows: readonly Row[], { data, classes, people }: Choices): string {
  const { n, people: judged } = accuracyOf(rows[0]!.class);
  const persons = rows.find((row) => row.person.length > 0)?.person.length ?? 0;
  const header = ['', 'class', '95 %', 'person', '95 %'];
  const chance = ['chance', percent(1 / classes), '', persons > 0 ? percent(1 / people) : '', ''];
  const body = rows.map((row) => [row.name, ...cells(row.class), ...cells(row.person)]);
  const notes = [
    `Accuracy on ${data}, on ${judged} people never trained on. Class: n = ${n}.` +
      (persons > 0 ? ` Person: n = ${persons}; their other images are learned from.` : ''),
    'Intervals: bootstrap over people, 2,000 draws.',
  ];
  return [alignColumns([header, ...body, chance]), '', ...notes].join('\n');
}

function cells(decisions: readonly Decision[]): [string, string] {
  if (decisions.length === 0) return ['', ''];
  const { accuracy, interval } = accuracyOf(decisions);
  return [percent(accuracy), `${percent(interval.from)} to ${percent(interval.to)}`];
}

/** Each network against the pixel probe, and the networks against each other. */
export function comparisons(networks: readonly Row[], pixels: Row): string[] {
  return [
    ...networks.map((network) => againstPixels(network, pixels)),
    ...networks.flatMap((a, i) => networks.slice(i + 1).map((b) => againstEachOther(a, b))),
  ];
}

/** Paired: the same faces are hard for both, so a difference can be clear where the intervals in the table overlap. */
function againstPixels(network: Row, pixels: Row): string {
  const { by, interval } = difference(network.class, pixels.class);
  const clear = overlap(accuracyOf(network.class).interval, accuracyOf(pixels.class).interval)
    ? 'their intervals overlap, so by these alone this demo cannot tell the two apart; person by person it beats the pixel probe'
    : 'it beats the pixel probe';
  const verdict = interval.from > 0 ? clear : 'this demo cannot tell the two apart';
  return `${network.name} against ${pixels.name}: ${points(by)} points over the same people, 95 % ${range(interval)}: ${verdict}.`;
}

function againstEachOther(a: Row, b: Row): string {
  const { by, interval } = difference(a.class, b.class);
  const better = by > 0 ? a.name : b.name;
  const clear = overlap(accuracyOf(a.class).interval, accuracyOf(b.class).interval)
    ? `their intervals overlap; person by person ${better} is better`
    : `${better} is better`;
  const verdict = interval.from > 0 || interval.to < 0 ? clear : 'this demo cannot tell the two apart';
  return `${a.name} against ${b.name}: ${points(by)} points over the same people, 95 % ${range(interval)}: ${verdict}.`;
}

const points = (share: number): string => `${share < 0 ? '-' : '+'}${Math.abs(100 * share).toFixed(1)}`;
const range = ({ from, to }: Interval): string => `${points(from)} to ${points(to)}`;
