/** @file Points in two dimensions by class, each with a mark of its own, or by person, each with a number of its own. */
import type { Embedding } from '../report-data.js';
import { label, WIDTH, type Figure } from './figure.js';
import { at, element } from './markup.js';
import { count } from './numbers.js';
import { SERIES } from './palette.js';
import { scale } from './scale.js';

const EDGE = 12;
const LINE = 18;

interface Kind {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly mark: (x: number, y: number) => string;
}

export function byClassFigure(
  id: string,
  title: string,
  embedding: Embedding,
  classes: readonly string[],
): Figure {
  const kinds = classes.flatMap((name, c): Kind[] => {
    const points = embedding.points.filter((p) => p.label === c);
    return points.length === 0 ? [] : [{ name, points, mark: (x, y) => shape(c, x, y) }];
  });
  return figure(id, title, embedding, kinds, 'class', 3);
}

export function byPersonFigure(id: string, title: string, embedding: Embedding): Figure {
  const people = [...new Set(embedding.points.map((p) => p.subject))].sort();
  const kinds = people.map((name, i): Kind => {
    const points = embedding.points.filter((p) => p.subject === name);
    return {
      name: `${i + 1} ${name}`,
      points,
      mark: (x, y) => label(String(i + 1), x, y + 4, `s${i % SERIES} small`, 'middle'),
    };
  });
  return figure(id, title, embedding, kinds, 'person', people.every((name) => name.length < 10) ? 4 : 2);
}

function figure(
  id: string,
  title: string,
  { points, value, perplexity }: Embedding,
  kinds: readonly Kind[],
  what: string,
  columns: number,
): Figure {
  const [left, right] = [Math.min(...points.map((p) => p.x)), Math.max(...points.map((p) => p.x))];
  const [low, high] = [Math.min(...points.map((p) => p.y)), Math.max(...points.map((p) => p.y))];
  // One scale for both axes: only nearness means anything.
  const side = Math.max(right - left, high - low, 1e-9);
  const x = scale((left + right - side) / 2, (left + right + side) / 2, EDGE, WIDTH - EDGE);
  const y = scale((low + high - side) / 2, (low + high + side) / 2, WIDTH - EDGE, EDGE);
  const marks = kinds.flatMap((kind) => kind.points.map((p) => kind.mark(at(x(p.x)), at(y(p.y)))));
  const step = (WIDTH - 8) / columns;
  const legend = kinds.map(({ name, mark }, i) => {
    const [cx, cy] = [12 + (i % columns) * step, WIDTH + 14 + Math.floor(i / columns) * LINE];
    return what === 'person'
      ? label(name, cx - 6, cy + 4, `s${i % SERIES} small`)
      : mark(cx, cy) + label(name, cx + 10, cy + 4, 'ink small');
  });
  const height = WIDTH + 10 + Math.ceil(kinds.length / columns) * LINE;
  return {
    id,
    title,
    alternative: `${value} of ${count(points.length, 'image')} in two dimensions by t-SNE (perplexity ${perplexity}), by ${what}. ${purity(points, kinds, what)}`,
    width: WIDTH,
    height,
    body: [
      element('rect', { class: 'shade', x: 0, y: 0, width: WIDTH, height: WIDTH }),
      ...marks,
      ...legend,
    ].join(''),
  };
}

/** How the picture looks, in a number: whose nearest neighbour is of the same kind. */
function purity(points: Embedding['points'], kinds: readonly Kind[], what: string): string {
  const kindOf = new Map(kinds.flatMap((kind, k) => kind.points.map((p) => [p, k] as const)));
  const same = points.filter((p) => {
    let nearest = p;
    let best = Infinity;
    for (const q of points) {
      const distance = (p.x - q.x) ** 2 + (p.y - q.y) ** 2;
      if (q !== p && distance < best) [nearest, best] = [q, distance];
    }
    return kindOf.get(nearest) === kindOf.get(p);
  });
  return `The nearest neighbour is of the same ${what} for ${Math.round((100 * same.length) / points.length)} % of the points; ${count(kinds.length, what, what === 'class' ? 'classes' : 'people')}.`;
}

const SIZE = 4;

/** Told apart without colour: eight shapes. */
function shape(kind: number, x: number, y: number): string {
  const look = `s${kind % SERIES}`;
  const path = (d: string, open = false): string =>
    element('path', open ? { class: `l${kind % SERIES}`, 'stroke-width': 2, d } : { class: look, d });
  const [l, r, t, b] = [at(x - SIZE), at(x + SIZE), at(y - SIZE), at(y + SIZE)];
  switch (kind % SERIES) {
    case 0:
      return element('circle', { class: look, cx: x, cy: y, r: SIZE });
    case 1:
      return path(`M${l} ${b}L${x} ${t}L${r} ${b}Z`);
    case 2:
      return element('rect', { class: look, x: l, y: t, width: 2 * SIZE, height: 2 * SIZE });
    case 3:
      return path(`M${l} ${t}L${r} ${b}M${l} ${b}L${r} ${t}`, true);
    case 4:
      return path(`M${x} ${t}L${r} ${y}L${x} ${b}L${l} ${y}Z`);
    case 5:
      return path(`M${l} ${y}L${r} ${y}M${x} ${t}L${x} ${b}`, true);
    case 6:
      return path(`M${l} ${t}L${x} ${b}L${r} ${t}Z`);
    default:
      return element('circle', { class: `l${kind % SERIES}`, 'stroke-width': 2, cx: x, cy: y, r: SIZE });
  }
}
