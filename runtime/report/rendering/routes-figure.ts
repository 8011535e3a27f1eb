/** @file The route matrix of a training step: a square for each gradient that exists, as large as its measured norm, and nothing where no route is. */
import type { RouteNorms } from '../report-data.js';
import { label, WIDTH, type Figure } from './figure.js';
import { at, element } from './markup.js';
import { listed, short } from './numbers.js';

const LEFT = 58;
/** Names of groups lean over to the right. */
const RIGHT = WIDTH - 24;
const TOP = 62;
const ROW = 58;

export function routesFigure(
  id: string,
  title: string,
  { groups, frozen, rows }: RouteNorms['steps'][number],
): Figure {
  const cell = (RIGHT - LEFT) / groups.length;
  const most = Math.max(...rows.flatMap((row) => row.norms.map((norm) => norm ?? 0)), Number.MIN_VALUE);
  const heads = groups.map((group, g) => {
    const x = LEFT + (g + 0.5) * cell;
    return element(
      'g',
      { transform: `rotate(-40 ${at(x)} ${TOP - 10})` },
      label(`${group}${frozen.includes(group) ? ' (frozen)' : ''}`, x, TOP - 10, 'ink small'),
    );
  });
  const lines = rows.flatMap(({ loss, weight, norms }, r) => {
    const y = TOP + r * ROW;
    return [
      element('line', { class: 'rule', x1: 0, x2: WIDTH, y1: y, y2: y }),
      label(loss, 4, y + 24, 'ink bold'),
      ...(weight === '1' ? [] : [label(`× ${weight}`, 4, y + 40, 'soft small')]),
      ...norms.map((norm, g) => cellOf(norm, most, LEFT + (g + 0.5) * cell, y, cell)),
    ];
  });
  return {
    id,
    title,
    alternative: rows
      .map(({ loss, norms }) => {
        const reached = groups.flatMap((group, g) =>
          norms[g] === null ? [] : [`${group} (${short(norms[g]!)})`],
        );
        return `${loss} reaches ${listed(reached)}, and no other group.`;
      })
      .join(' '),
    width: WIDTH,
    height: TOP + rows.length * ROW + 20,
    body: [
      ...heads,
      ...lines,
      label(
        'number: norm of the weighted gradient · dot: no route',
        4,
        TOP + rows.length * ROW + 14,
        'soft small',
      ),
    ].join(''),
  };
}

function cellOf(norm: number | null, most: number, x: number, y: number, cell: number): string {
  if (norm === null) return element('circle', { class: 'soft', cx: at(x), cy: y + 20, r: 1.5 });
  // The area is the norm.
  const side = Math.max(2, Math.sqrt(norm / most) * Math.min(30, cell - 8));
  return (
    element('rect', {
      class: 'mark',
      x: at(x - side / 2),
      y: at(y + 20 - side / 2),
      width: at(side),
      height: at(side),
    }) + label(short(norm), x, y + 52, 'ink small', 'middle')
  );
}
