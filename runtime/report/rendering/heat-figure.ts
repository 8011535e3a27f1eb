/** @file Faces of one person, and beside each the maps of the network over it, one row for each class (as Fig. 5 of the paper). */
import type { HeatMap, HeatMaps } from '../report-data.js';
import { label, WIDTH, type Figure } from './figure.js';
import { at, element } from './markup.js';
import { listed } from './numbers.js';

const LEFT = 74;
const TOP = 22;
const GAP = 6;
const WIDEST = 84;

export function heatFigure(
  id: string,
  title: string,
  { height, width, faces }: Pick<HeatMaps, 'height' | 'width' | 'faces'>,
  classes: readonly string[],
): Figure {
  const values = faces[0]!.maps.map((map) => map.value);
  const columns = 1 + values.length;
  const across = Math.min(WIDEST, (WIDTH - LEFT - GAP * columns) / columns);
  const tall = (across * height) / width;
  const place = (column: number): number => LEFT + column * (across + GAP);
  const picture = (png: string, column: number, row: number): string =>
    element('image', {
      href: `data:image/png;base64,${png}`,
      x: at(place(column)),
      y: at(TOP + row * (tall + GAP)),
      width: at(across),
      height: at(tall),
    });
  const rows = faces.flatMap(({ label: c, image, maps }, r) => [
    label(classes[c]!, LEFT - 6, TOP + r * (tall + GAP) + tall / 2 + 4, 'ink small', 'end'),
    picture(image, 0, r),
    ...maps.map((map, m) => picture(map.image, m + 1, r)),
  ]);
  const bottom = TOP + faces.length * (tall + GAP);
  return {
    id,
    title,
    alternative: `${faces.length} faces of ${faces[0]!.subject}, and where ${listed(values)} answer. ${faces.map((face) => sentence(face, classes)).join(' ')}`,
    width: WIDTH,
    height: Math.ceil(bottom + 14),
    body: [
      ...['face', ...values].map((name, i) => label(name, place(i) + across / 2, 14, 'ink small', 'middle')),
      ...rows,
      label('dark: lowest · light: highest', LEFT, bottom + 8, 'soft small'),
    ].join(''),
  };
}

const sentence = ({ label: c, maps }: HeatMaps['faces'][number], classes: readonly string[]): string =>
  `${classes[c]!}: ${maps.map((map) => `${map.value} highest ${peakPlace(map)}`).join(', ')}.`;

/** In words: `in the upper left`, `in the middle`. */
export function peakPlace(map: Pick<HeatMap, 'values' | 'height' | 'width'>): string {
  const { row, column } = peak(map);
  const down = third(row, map.height, ['upper', '', 'lower']);
  const across = third(column, map.width, ['left', '', 'right']);
  if (down === '' && across === '') return 'in the middle';
  return `at the ${[down, across === '' ? 'middle' : across].filter((part) => part !== '').join(' ')}`;
}

const third = (i: number, n: number, names: readonly [string, string, string]): string =>
  names[Math.min(2, Math.floor((3 * (i + 0.5)) / n)) as 0 | 1 | 2];

/** From 0. */
export function peak({ values, width }: Pick<HeatMap, 'values' | 'width'>): { row: number; column: number } {
  const best = values.indexOf(Math.max(...values));
  return { row: Math.floor(best / width), column: best % width };
}

/** The share of all heat in each ninth of the face, row by row. */
export function ninths({ values, height, width }: Pick<HeatMap, 'values' | 'height' | 'width'>): number[] {
  const sums = Array.from({ length: 9 }, () => 0);
  values.forEach((value, i) => {
    const row = Math.min(2, Math.floor((3 * (Math.floor(i / width) + 0.5)) / height));
    const column = Math.min(2, Math.floor((3 * ((i % width) + 0.5)) / width));
    sums[3 * row + column]! += value;
  });
  const all = sums.reduce((a, b) => a + b, 0);
  return sums.map((sum) => (all > 0 ? sum / all : 0));
}
