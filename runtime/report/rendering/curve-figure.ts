/** @file One loss term over epochs: a thin line for each training, a thick one for their mean. */
import type { Curve } from '../report-data.js';
import { label, WIDTH, type Figure } from './figure.js';
import { at, element } from './markup.js';
import { count, short } from './numbers.js';
import { scale } from './scale.js';

const LEFT = 46;
const RIGHT = WIDTH - 12;
const TOP = 24;
const BOTTOM = 164;

export function curveFigure(id: string, title: string, { term, epochs, mean, trainings }: Curve): Figure {
  const all = trainings.flatMap(({ values }) => values.filter((v) => v !== null));
  const x = scale(Math.min(...epochs), Math.max(...epochs), LEFT, RIGHT, 6);
  const y = scale(Math.min(...all), Math.max(...all), BOTTOM, TOP, 6);
  const grid = y.ticks.map(
    (tick) =>
      element('line', { class: 'rule', x1: LEFT, x2: RIGHT, y1: at(y(tick)), y2: at(y(tick)) }) +
      label(short(tick), LEFT - 5, y(tick) + 4, 'soft small', 'end'),
  );
  const numbers = x.ticks
    .filter(Number.isInteger)
    .map((tick) => label(String(tick), x(tick), BOTTOM + 15, 'soft small', 'middle'));
  const path = (values: readonly (number | null)[], look: object): string => {
    const points = epochs.flatMap((epoch, i) => {
      const value = values[i] ?? null;
      return value === null ? [] : [`${at(x(epoch))},${at(y(value))}`];
    });
    return element('polyline', { class: 'line', points: points.join(' '), ...look });
  };
  const dots =
    epochs.length === 1
      ? mean.flatMap((v) =>
          v === null ? [] : [element('circle', { class: 'mark', cx: at(x(epochs[0]!)), cy: at(y(v)), r: 3 })],
        )
      : [];
  return {
    id,
    title,
    alternative: alternative(term, epochs, mean, trainings.length),
    width: WIDTH,
    height: BOTTOM + 38,
    body: [
      label(term, 4, 14, 'ink bold'),
      ...grid,
      ...numbers,
      ...(trainings.length > 1
        ? trainings.map(({ values }) => path(values, { 'stroke-width': 1, 'stroke-opacity': 0.35 }))
        : []),
      path(mean, { 'stroke-width': 2.5 }),
      ...dots,
      label('epoch', RIGHT, BOTTOM + 30, 'soft small', 'end'),
      label(
        trainings.length > 1 ? `thick: mean of ${trainings.length} trainings` : 'one training',
        LEFT,
        BOTTOM + 30,
        'soft small',
      ),
    ].join(''),
  };
}

function alternative(
  term: string,
  epochs: readonly number[],
  mean: Curve['mean'],
  trainings: number,
): string {
  const known = mean.flatMap((value, i) => (value === null ? [] : [{ epoch: epochs[i]!, value }]));
  const [first, last] = [known[0], known.at(-1)];
  if (!first || !last) return `${term} has no finite value in any epoch.`;
  const lowest = known.reduce((a, b) => (b.value < a.value ? b : a));
  return `${term} over ${count(epochs.length, 'epoch')}, mean of ${count(trainings, 'training')}: ${short(first.value)} in epoch ${first.epoch}, ${short(last.value)} in epoch ${last.epoch}, lowest ${short(lowest.value)} in epoch ${lowest.epoch}.`;
}
