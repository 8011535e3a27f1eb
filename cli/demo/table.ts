/** @file The demo's table, and in words what it can tell and what it cannot. */
import { overlap, percent, type Judgement } from '../../runtime/index.js';
import { alignColumns } from '../../compiler/columns.js';
import type { Row } from './measure.js';

export function formatTable(rows: readonly Row[], data: string): string {
  const [{ class: first }] = rows as [Row];
  const person = rows.find((r) => r.person)?.person;
  const classes = first.classes.length;
  const header = ['', 'class', '95 %', 'person', '95 %'];
  const chance = ['chance', percent(1 / classes), '', person ? percent(1 / person.classes.length) : '', ''];
  const body = rows.map((row) => [row.name, ...cells(row.class), ...cells(row.person)]);
  const notes = [
    `Accuracy on ${data}: ${first.people} people never trained on; class n = ${first.n}${person ? `, person n = ${person.n} (the other half of their images is learned from)` : ''}.`,
    'Intervals: bootstrap over people, 2,000 draws.',
  ];
  return [alignColumns([header, ...body, chance]), '', ...notes].join('\n');
}

function cells(judgement: Judgement | undefined): [string, string] {
  if (!judgement) return ['', ''];
  const { accuracy, interval } = judgement;
  return [percent(accuracy), `${percent(interval.from)} to ${percent(interval.to)}`];
}

/** Each network against the pixel probe, and the networks against each other. */
export function comparisons(networks: readonly Row[], pixels: Row): string[] {
  const pairs = [
    ...networks.map((network) => [network, pixels] as const),
    ...networks.flatMap((a, i) => networks.slice(i + 1).map((b) => [a, b] as const)),
  ];
  return pairs.map(([a, b]) => {
    if (overlap(a.class.interval, b.class.interval))
      return `${a.name} and ${b.name}: the intervals overlap, so this demo cannot tell the two apart.`;
    const [better, worse] = a.class.accuracy > b.class.accuracy ? [a, b] : [b, a];
    return `${better.name} is better than ${worse.name}: the intervals do not overlap.`;
  });
}
