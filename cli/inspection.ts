/** @file The text of `ed2lc data inspect`: tables for people, lines to paste into a spec. */
import type { DataIR, Inspection } from '../runtime/index.js';

const SHOWN = 10;

/** @param all lists everybody and everything, not the first ten. */
export function formatInspection(found: Inspection, data: DataIR, all: boolean): string {
  const { name, images, people, classes, height, width, channels } = found;
  const alone = people.length === images && images > 1;
  const color = channels === 1 ? 'gray' : 'rgb';
  const sequences = found.sequences < images ? ` in ${found.sequences} sequences` : '';
  return [
    `data ${name}: ${placeOf(data.source)}`,
    `  ${images} images${sequences} of ${people.length} people, ${classes.length} classes, ${height} by ${width}, ${color}`,
    '',
    ...table([
      ['class', 'images', 'people', 'weight'],
      ...classes.map((c) => [c.name, `${c.images}`, `${c.people}`, number(c.weight)]),
    ]),
    `  weights: [${classes.map((c) => number(c.weight)).join(', ')}]`,
    '',
    ...(alone ? ['  each image is a person of its own'] : peopleLines(found, all)),
    ...foldLines(found),
    '',
    `  pixels: mean ${number(found.pixels.mean)}, standard deviation ${number(found.pixels.deviation)}`,
    ...(found.pixels.deviation > 0
      ? [`  pixels scaled(mean: ${number(found.pixels.mean)}, by: ${number(found.pixels.deviation)})`]
      : []),
    `  sizes before resize: ${some(
      found.sizes.map((s) => `${s.height} by ${s.width} (${s.count})`),
      all,
    ).join(', ')}`,
    ...fieldLines(found, all),
    ...faceLines(found, all),
    ...databaseLines(found, all),
    ...droppedLines(found, all),
    ...remarkLines(found, all),
    ...duplicateLines(found, all),
    ...found.warnings.map((warning) => `  warning: ${warning}`),
  ].join('\n');
}

function placeOf(source: DataIR['source']): string {
  if (source.kind === 'synthetic_faces') return `synthetic faces, seed ${source.seed}`;
  return `${source.kind} ${source.path}`;
}

/** Four digits: more than any count of images supports. */
const number = (value: number): string => String(Number(value.toPrecision(4)));

/** The first column to the left, the others to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  return rows.map(
    (row) =>
      `  ${row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join('  ')}`,
  );
}

function some(items: readonly string[], all: boolean): string[] {
  if (all || items.length <= SHOWN) return [...items];
  return [...items.slice(0, SHOWN), `and ${items.length - SHOWN} more (--all)`];
}

function peopleLines({ people }: Inspection, all: boolean): string[] {
  const counts = people.map((p) => p.images).sort((a, b) => a - b);
  const range = `  images per person: ${counts[0]} to ${counts.at(-1)}, median ${counts[counts.length >> 1]}`;
  if (!all) return [range];
  return [range, ...table(people.map((p) => [p.name, `${p.images}`]))];
}

function foldLines({ folds, classes }: Inspection): string[] {
  if (!folds) return ['  no folds'];
  return [
    '',
    ...table([
      ['fold', 'images', 'people', ...classes.map((c) => c.name)],
      ...folds.map((f) => [
        f.name,
        `${f.images}`,
        `${f.people}`,
        ...f.classes.map((n) => (n === 0 ? 'none' : `${n}`)),
      ]),
    ]),
  ];
}

function fieldLines({ fields, otherColumns }: Inspection, all: boolean): string[] {
  const size = (shape: readonly number[]): string => (shape.length === 0 ? 'a number' : shape.join(' by '));
  return [
    ...(fields.length > 0
      ? [`  fields: ${fields.map((f) => `${f.name} (${size(f.shape)})`).join(', ')}`]
      : []),
    ...some(
      otherColumns.map(({ name, why }) => `${name} is no field: ${why}`),
      all,
    ).map((line) => `  ${line}`),
  ];
}

function faceLines({ faces }: Inspection, all: boolean): string[] {
  if (!faces?.policy) return [];
  const { missing, policy, several } = faces;
  return [
    `  faces: none on ${missing.length} images (missing: ${policy}), several on ${several}`,
    ...some(missing, all).map((item) => `    ${item}`),
  ];
}

function databaseLines({ database }: Inspection, all: boolean): string[] {
  if (!database) return [];
  const { title, counts, missing } = database;
  const off = counts.filter(({ found, expected }) => found !== expected);
  if (off.length === 0 && missing.length === 0) return [`  ${title} is whole`];
  return [
    `  of ${title}, which is not whole:`,
    ...table([['', 'found', 'expected'], ...counts.map((c) => [c.what, `${c.found}`, `${c.expected}`])]).map(
      (line) => `  ${line}`,
    ),
    ...(missing.length > 0 ? [`  missing of ${title}: ${some(missing, all).join(', ')}`] : []),
  ];
}

function remarkLines({ remarks = [] }: Inspection, all: boolean): string[] {
  return remarks.flatMap(({ reason, count, items }) => [
    `  kept: ${reason} (${count})`,
    ...some(items, all).map((item) => `    ${item}`),
  ]);
}

function droppedLines({ dropped }: Inspection, all: boolean): string[] {
  if (dropped.length === 0) return ['  nothing was left out'];
  return dropped.flatMap(({ reason, count, items }) => [
    `  left out: ${reason} (${count})`,
    ...some(items, all).map((item) => `    ${item}`),
  ]);
}

function duplicateLines({ duplicates }: Inspection, all: boolean): string[] {
  if (duplicates.length === 0) return ['  no image is there twice'];
  const across = (what: string, of: (d: Inspection['duplicates'][number]) => boolean): string[] => {
    const count = duplicates.filter(of).length;
    return count > 0 ? [`${count} across ${what}`] : [];
  };
  const parts = [
    ...across('classes', (d) => d.acrossClasses),
    ...across('folds', (d) => d.acrossFolds),
    ...across('people', (d) => d.acrossPeople),
  ];
  const worst = [...duplicates].sort((a, b) => rank(b) - rank(a));
  return [
    `  the same image more than once: ${[cases(duplicates.length), ...parts].join(', ')}`,
    ...some(
      worst.map((d) => d.images.join(' = ')),
      all,
    ).map((line) => `    ${line}`),
  ];
}

const cases = (count: number): string => `${count} ${count === 1 ? 'case' : 'cases'}`;

const rank = (d: Inspection['duplicates'][number]): number =>
  4 * Number(d.acrossClasses) + 2 * Number(d.acrossFolds) + Number(d.acrossPeople);
