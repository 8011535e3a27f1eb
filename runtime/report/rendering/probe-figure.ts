/** @file What fresh classifiers read of one label, by where they read it: a bar with the seeds on it, the branch before training, the control and chance. */
import type { ProbeRow } from '../report-data.js';
import { label, WIDTH, type Figure } from './figure.js';
import { at, element } from './markup.js';
import { percent } from './numbers.js';
import { scale } from './scale.js';

const ROW = 44;
const RIGHT = WIDTH - 50;

/** `rows`: of one label. */
export function probeFigure(id: string, title: string, rows: readonly ProbeRow[]): Figure {
  const x = scale(0, 100, 4, RIGHT);
  const bottom = 6 + rows.length * ROW;
  const tick = (share: number, y: number, look: string): string =>
    element('line', {
      class: look,
      'stroke-width': 2,
      x1: at(x(100 * share)),
      x2: at(x(100 * share)),
      y1: y,
      y2: y + 16,
    });
  const bars = rows.map(({ features, accuracy, control, untrained, chance }, i) => {
    const y = 6 + i * ROW;
    const share = mean(accuracy);
    return [
      label(features, 4, y + 12, 'ink small'),
      element('rect', { class: 'shade', x: 4, y: y + 18, width: RIGHT - 4, height: 16 }),
      element('rect', {
        class: 'mark',
        'fill-opacity': 0.75,
        x: 4,
        y: y + 18,
        width: at(x(100 * share) - 4),
        height: 16,
      }),
      ...(accuracy.length > 1
        ? accuracy.map((a) => element('circle', { class: 'ink', cx: at(x(100 * a)), cy: y + 26, r: 2 }))
        : []),
      ...(untrained.length > 0
        ? [element('path', { class: 'warn', d: `M${at(x(100 * mean(untrained)))} ${y + 19}l4 -7h-8Z` })]
        : []),
      tick(chance, y + 18, 'bar'),
      element('line', {
        class: 'bar',
        'stroke-width': 2,
        'stroke-dasharray': '3 2',
        x1: at(x(100 * mean(control))),
        x2: at(x(100 * mean(control))),
        y1: y + 18,
        y2: y + 34,
      }),
      label(`${percent(share)} %`, WIDTH - 2, y + 31, 'ink bold', 'end'),
    ].join('');
  });
  return {
    id,
    title,
    alternative: `${rows
      .map(
        ({ features, accuracy, untrained }) =>
          `From ${features}: ${percent(mean(accuracy))} %${untrained.length > 0 ? `, before training ${percent(mean(untrained))} %` : ''}.`,
      )
      .join(' ')} By chance: ${percent(rows[0]!.chance)} %.`,
    width: WIDTH,
    height: bottom + 34,
    body: [
      ...bars,
      label('triangle: the same branch untrained · line: chance', 4, bottom + 12, 'soft small'),
      label('dashed: labels in another order · dots: seeds', 4, bottom + 27, 'soft small'),
    ].join(''),
  };
}

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
