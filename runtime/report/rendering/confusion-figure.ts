/** @file A confusion matrix: rows are what it is, columns what was decided, each row in percent of its own samples (as Fig. 3 of the paper). */
import type { Confusion } from '../report-data.js';
import { label, WIDTH, type Figure } from './figure.js';
import { at, element } from './markup.js';
import { listed, percent } from './numbers.js';

const LEFT = 78;
const TOP = 20;

export function confusionFigure(
  id: string,
  title: string,
  { counts, shares }: Confusion,
  classes: readonly string[],
): Figure {
  const cell = (WIDTH - LEFT - 4) / classes.length;
  const tall = Math.min(cell, 40);
  const rows = classes.flatMap((name, r) => {
    const y = TOP + r * tall;
    const middle = y + tall / 2 + 4;
    return [
      label(short(name, 12), LEFT - 6, middle, 'ink', 'end'),
      ...classes.map((_, c) => cellOf(shares[r]?.[c] ?? null, LEFT + c * cell, y, cell, tall, c === r)),
    ];
  });
  const bottom = TOP + classes.length * tall;
  const columns = classes.map((name, c) => {
    const x = LEFT + (c + 0.5) * cell + 4;
    const y = bottom + 10;
    return element(
      'g',
      { transform: `rotate(-45 ${at(x)} ${at(y)})` },
      label(short(name, 12), x, y, 'ink small', 'end'),
    );
  });
  return {
    id,
    title,
    alternative: alternative(counts, shares, classes),
    width: WIDTH,
    height: Math.ceil(bottom + 66),
    body: [
      label('% of each row', LEFT, 13, 'soft small'),
      ...rows,
      ...columns,
      label('row: what it is · column: what was decided', 4, bottom + 62, 'soft small'),
    ].join(''),
  };
}

const short = (name: string, longest: number): string =>
  name.length <= longest ? name : `${name.slice(0, longest - 1)}…`;

function cellOf(
  share: number | null,
  x: number,
  y: number,
  width: number,
  height: number,
  right: boolean,
): string {
  const box = { x: at(x + 1), y: at(y + 1), width: at(width - 2), height: at(height - 2) };
  if (share === null) return element('rect', { ...box, class: 'shade' });
  const strong = share > 0.5;
  return (
    element('rect', { ...box, class: 'shade' }) +
    element('rect', { ...box, class: 'mark', 'fill-opacity': at(share) }) +
    label(
      (100 * share).toFixed(0),
      x + width / 2,
      y + height / 2 + 4,
      `${strong ? 'paper' : 'ink'}${right ? ' bold' : ''}`,
      'middle',
    )
  );
}

function alternative(
  counts: Confusion['counts'],
  shares: Confusion['shares'],
  classes: readonly string[],
): string {
  const right = classes.flatMap((name, c) => {
    const share = shares[c]?.[c];
    return share === undefined ? [] : [`${name} ${percent(share)} %`];
  });
  const mistakes = classes
    .flatMap((name, r) =>
      classes.flatMap((other, c) => {
        const share = shares[r]?.[c] ?? 0;
        return r !== c && share > 0
          ? [{ text: `${name} taken for ${other} (${percent(share)} %)`, share }]
          : [];
      }),
    )
    .sort((a, b) => b.share - a.share)
    .slice(0, 3)
    .map(({ text }) => text);
  const n = counts.flat().reduce((a, b) => a + b, 0);
  return [
    `Confusion matrix of ${n} decisions.`,
    `Right: ${listed(right)}.`,
    ...(mistakes.length > 0 ? [`Most frequent mistakes: ${listed(mistakes)}.`] : ['No mistakes.']),
    'The table below the figure has all numbers.',
  ].join(' ');
}
