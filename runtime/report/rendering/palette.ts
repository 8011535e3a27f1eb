/** @file The colours of pages and figures, on light and on dark paper. Marks differ in shape or in a label too: colour never tells alone. */

/** By the class that elements wear. Text has a contrast of 4.5 to 1 at least, marks of 3 to 1. */
interface Palette {
  readonly paper: string;
  readonly ink: string;
  /** Less important text. */
  readonly soft: string;
  readonly rule: string;
  /** Areas of tables and bars that carry no meaning. */
  readonly shade: string;
  /** The one colour of a figure with one kind of mark. */
  readonly mark: string;
  /** What was measured, where what was published stands beside it. */
  readonly measured: string;
  readonly warn: string;
  readonly warnPaper: string;
  readonly series: readonly string[];
}

export const LIGHT: Palette = {
  paper: '#ffffff',
  ink: '#1b1e23',
  soft: '#565c66',
  rule: '#d3d7dd',
  shade: '#f3f5f8',
  mark: '#1d5fc4',
  measured: '#0f5c3f',
  warn: '#7a3500',
  warnPaper: '#fff1df',
  series: ['#1d5fc4', '#c23c12', '#12804a', '#8338b0', '#0f7786', '#8a5a14', '#bf2472', '#565c66'],
};

export const DARK: Palette = {
  paper: '#14171c',
  ink: '#e9ecf1',
  soft: '#a9b0bc',
  rule: '#3a404a',
  shade: '#1e2229',
  mark: '#7fb0ff',
  measured: '#7fe0b0',
  warn: '#ffc98a',
  warnPaper: '#3a2711',
  series: ['#7fb0ff', '#ff9370', '#5fd394', '#d09bff', '#58cfe0', '#e0b264', '#ff86c0', '#b3b9c4'],
};

/** How many kinds of marks can be told apart. */
export const SERIES = LIGHT.series.length;

/** The classes that figures use. */
export function figureStyle({ paper, ink, soft, rule, shade, mark, warn, series }: Palette): string {
  const kinds = series.map(
    (color, i) => `.s${i}{fill:${color};stroke:${color}}.l${i}{fill:none;stroke:${color}}`,
  );
  return [
    '.figure text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-size:12px;stroke:none}',
    '.figure .small{font-size:10.5px}.figure .bold{font-weight:600}',
    `.paper{fill:${paper}}.ink{fill:${ink}}.soft{fill:${soft}}.shade{fill:${shade}}.mark{fill:${mark}}.warn{fill:${warn}}`,
    `.rule{stroke:${rule};fill:none}.axis{stroke:${soft};fill:none}.bar{stroke:${ink}}.line{stroke:${mark};fill:none}.edge{stroke:${paper}}`,
    ...kinds,
  ].join('\n');
}
