/** @file What fresh classifiers read of one label, by where they read it: a bar for each kind of classifier with the seeds on it, the branch before training, the control and chance. */
import { meanOf } from '../../evaluation/summary.js';
import type { ProbeKind, ProbeRow } from '../report-data.js';
import { label, WIDTH, type Figure } from './figure.js';
import { at, element } from './markup.js';
import { percent } from './numbers.js';
import { scale, type Scale } from './scale.js';

const LEFT = 52;
const RIGHT = WIDTH - 60;
const TOP = 4;
const NAME = 22;
const BAR = 14;
const GAP = 6;

export const PROBE_NAMES: Readonly<Record<ProbeKind, string>> = {
  linear: 'linear',
  hidden: 'one hidden layer',
};
/** As they fit beside a bar. */
const SHORT: Readonly<Record<ProbeKind, string>> = { linear: 'linear', hidden: 'hidden' };

/** `rows`: of one label. */
export function probeFigure(id: string, title: string, rows: readonly ProbeRow[]): Figure {
  const x = scale(0, 100, LEFT, RIGHT, 5);
  const sources = [...new Set(rows.map((row) => row.features))];
  const parts: string[] = [];
  let y = TOP;
  for (const source of sources) {
    parts.push(label(source, 4, y + 14, 'ink'));
    y += NAME;
    for (const row of rows.filter((r) => r.features === source)) {
      parts.push(bar(row, x, y));
      y += BAR + GAP;
    }
    y += GAP;
  }
  const grid = x.ticks.map(
    (tick) =>
      element('line', { class: 'rule', x1: at(x(tick)), x2: at(x(tick)), y1: TOP, y2: y }) +
      label(`${tick} %`, x(tick), y + 13, 'soft small', 'middle'),
  );
  return {
    id,
    title,
    alternative: `${rows.map(sentence).join(' ')} By chance: ${percent(meanOf(rows[0]!.chance))} %.`,
    width: WIDTH,
    height: y + 50,
    body: [
      ...grid,
      ...parts,
      label('accuracy · triangle: the same branch untrained · dots: seeds', 4, y + 29, 'soft small'),
      label('solid line: chance · dashed line: labels in another order', 4, y + 44, 'soft small'),
    ].join(''),
  };
}

function bar({ kind, accuracy, control, untrained, chance }: ProbeRow, x: Scale, y: number): string {
  const place = (share: number): number => at(x(100 * share));
  const share = meanOf(accuracy);
  const line = (value: number, dashes?: string): string =>
    element('line', {
      class: 'bar',
      'stroke-width': 2,
      'stroke-dasharray': dashes,
      x1: place(value),
      x2: place(value),
      y1: y,
      y2: y + BAR,
    });
  return [
    label(SHORT[kind], LEFT - 6, y + 11, 'soft small', 'end'),
    element('rect', { class: 'shade', x: LEFT, y, width: RIGHT - LEFT, height: BAR }),
    element('rect', {
      class: 'mark',
      'fill-opacity': kind === 'linear' ? 0.75 : 0.45,
      x: LEFT,
      y,
      width: at(x(100 * share) - LEFT),
      height: BAR,
    }),
    ...(accuracy.length > 1
      ? accuracy.map((a) => element('circle', { class: 'ink', cx: place(a), cy: y + BAR / 2, r: 2 }))
      : []),
    ...(untrained.length > 0
      ? [element('path', { class: 'warn', d: `M${place(meanOf(untrained))} ${y + 1}l4 -6h-8Z` })]
      : []),
    line(meanOf(chance)),
    line(meanOf(control), '3 2'),
    label(`${percent(share)} %`, WIDTH - 2, y + 11, 'ink bold', 'end'),
  ].join('');
}

function sentence({ features, kind, accuracy, untrained }: ProbeRow): string {
  const before = untrained.length > 0 ? `, before training ${percent(meanOf(untrained))} %` : '';
  return `From ${features}, ${PROBE_NAMES[kind]}: ${percent(meanOf(accuracy))} %${before}.`;
}
