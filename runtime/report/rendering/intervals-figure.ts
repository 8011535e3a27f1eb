/** @file Accuracies with their intervals, one below the other on one scale. */
import type { Interval } from '../../evaluation/bootstrap.js';
import { label, WIDTH, type Figure } from './figure.js';
import { at, element } from './markup.js';
import { percent, range } from './numbers.js';
import { scale } from './scale.js';

export interface Measurement {
  readonly name: string;
  readonly accuracy: number;
  readonly interval: Interval;
  /** Of seeds or folds, drawn as small ticks. */
  readonly parts: readonly number[];
}

const ROW = 40;
const EDGE = 16;

/** `chance`: a line; null: none. */
export function intervalsFigure(
  id: string,
  title: string,
  measurements: readonly Measurement[],
  chance: number | null,
): Figure {
  const all = measurements.flatMap(({ interval, parts }) => [interval.from, interval.to, ...parts]);
  const low = Math.max(0, Math.floor(10 * Math.min(...all, chance ?? 1)) / 10);
  const high = Math.min(1, Math.ceil(10 * Math.max(...all)) / 10);
  const x = scale(100 * low, 100 * high, EDGE, WIDTH - EDGE - 4);
  const bottom = 8 + measurements.length * ROW;
  const grid = x.ticks.map(
    (tick) =>
      element('line', { class: 'rule', x1: at(x(tick)), x2: at(x(tick)), y1: 4, y2: bottom }) +
      label(`${tick} %`, x(tick), bottom + 14, 'soft small', 'middle'),
  );
  const rows = measurements.map(({ name, accuracy, interval, parts }, i) => {
    const y = 8 + i * ROW;
    const line = y + 26;
    return [
      label(name, 4, y + 12, 'ink'),
      label(`${percent(accuracy)} %`, WIDTH - 4, y + 12, 'ink bold', 'end'),
      element('line', {
        class: 'line',
        'stroke-width': 2,
        x1: at(x(100 * interval.from)),
        x2: at(x(100 * interval.to)),
        y1: line,
        y2: line,
      }),
      ...parts.map((part) =>
        element('line', {
          class: 'axis',
          x1: at(x(100 * part)),
          x2: at(x(100 * part)),
          y1: line - 6,
          y2: line + 6,
        }),
      ),
      element('circle', { class: 'mark edge', cx: at(x(100 * accuracy)), cy: line, r: 5 }),
    ].join('');
  });
  const guess =
    chance === null
      ? ''
      : element('line', {
          class: 'axis',
          'stroke-dasharray': '3 3',
          x1: at(x(100 * chance)),
          x2: at(x(100 * chance)),
          y1: 4,
          y2: bottom,
        });
  return {
    id,
    title,
    alternative: [
      ...measurements.map(
        ({ name, accuracy, interval }) =>
          `${name}: ${percent(accuracy)} %, 95 % interval ${range(interval)}.`,
      ),
      ...(chance === null ? [] : [`By chance: ${percent(chance)} %.`]),
    ].join(' '),
    width: WIDTH,
    height: bottom + 38,
    body: [
      ...grid,
      guess,
      ...rows,
      label(
        `dot: mean · line: 95 % interval over people${chance === null ? '' : ' · dashed: chance'}`,
        4,
        bottom + 32,
        'soft small',
      ),
    ].join(''),
  };
}
