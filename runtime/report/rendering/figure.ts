/** @file A figure: pure markup of one size with its title, its text alternative and its stamp; as part of a page, and as a file of its own. */
import { element, escape } from './markup.js';
import { DARK, figureStyle, LIGHT } from './palette.js';

export interface Figure {
  /** Of files and anchors: `quick-001-confusion`. */
  readonly id: string;
  readonly title: string;
  /** What it shows, for those who do not see it. */
  readonly alternative: string;
  readonly width: number;
  readonly height: number;
  /** In the classes of the palette. */
  readonly body: string;
}

/** Fits a narrow screen as it is. */
export const WIDTH = 360;

const STAMP_HEIGHT = 20;

/** `stamp`: what a figure that is shown alone must say about its numbers; null: nothing. */
export function inPage(figure: Figure, stamp: string | null): string {
  return svg(figure, stamp, '');
}

/** With its own colours, those of dark paper where the reader asks for it. */
export function asFile(figure: Figure, stamp: string | null): string {
  const style = `${figureStyle(LIGHT)}\n@media (prefers-color-scheme: dark){\n${figureStyle(DARK)}\n}`;
  return svg(figure, stamp, element('style', {}, style));
}

/** On light paper, for renderers that know no media queries. */
export const asPrint = (figure: Figure, stamp: string | null): string =>
  svg(figure, stamp, element('style', {}, figureStyle(LIGHT)));

function svg(
  { id, title, alternative, width, height, body }: Figure,
  stamp: string | null,
  style: string,
): string {
  const whole = height + (stamp === null ? 0 : STAMP_HEIGHT);
  const text = stamp === null ? alternative : `${alternative} ${stamp}.`;
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'figure',
      viewBox: `0 0 ${width} ${whole}`,
      width,
      height: whole,
      role: 'img',
      'aria-labelledby': `${id}-title ${id}-desc`,
    },
    element('title', { id: `${id}-title` }, escape(title)),
    element('desc', { id: `${id}-desc` }, escape(text)),
    style,
    element('rect', { class: 'paper', x: 0, y: 0, width, height: whole }),
    body,
    ...(stamp === null
      ? []
      : [element('text', { class: 'warn small bold', x: 4, y: whole - 6 }, escape(stamp))]),
  );
}

/** One line of text. */
export const label = (
  text: string,
  x: number,
  y: number,
  look = 'ink',
  anchor: 'start' | 'middle' | 'end' = 'start',
): string =>
  element(
    'text',
    { class: look, x: Math.round(x * 100) / 100, y: Math.round(y * 100) / 100, 'text-anchor': anchor },
    escape(text),
  );
