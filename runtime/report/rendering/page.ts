/** @file The page: one HTML file with its style and its figures inside, readable without scripts and without a network. */
import type { ReportData } from '../report-data.js';
import { featureSections } from './feature-sections.js';
import { inPage } from './figure.js';
import { element, escape } from './markup.js';
import { count } from './numbers.js';
import { overviewSections } from './overview.js';
import { pageStyle } from './page-style.js';
import { runSections } from './run-sections.js';
import type { Illustrated, Part, Section } from './section.js';
import { stampOf } from './stamp.js';
import { tableInPage } from './table.js';

export const sectionsOf = (data: ReportData): Section[] => [
  ...overviewSections(data),
  ...featureSections(data),
  ...data.runs.flatMap((run) => runSections(data, run)),
];

export function page(data: ReportData, sections: readonly Section[]): string {
  const stamp = stampOf(data, data.runs);
  const names = data.runs.map((run) => run.name);
  const title = `${data.rehearsal ? 'Rehearsal: ' : ''}${names.length > 3 ? count(names.length, 'run') : names.join(', ')}`;
  const head = element(
    'head',
    {},
    element('meta', { charset: 'utf-8' }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('meta', { name: 'color-scheme', content: 'light dark' }),
    element('title', {}, escape(`${title} - ED²L report`)),
    element('style', {}, pageStyle),
  );
  const top = element(
    'header',
    {},
    element('h1', {}, escape(title)),
    element(
      'p',
      { class: 'soft' },
      `Report of ${count(names.length, 'run')}, made ${escape(data.made.slice(0, 16).replace('T', ' '))} UTC by ed2lc ${escape(data.program)}.`,
    ),
    ...(stamp === null ? [] : [banner(data, stamp)]),
    contents(sections),
  );
  const body = element('body', {}, top, element('main', {}, ...sections.map(sectionInPage)));
  return `<!doctype html>\n${element('html', { lang: 'en' }, head, body)}\n`;
}

function banner({ rehearsal, runs }: ReportData, stamp: string): string {
  const drawn = runs.filter((run) => run.synthetic).map((run) => run.name);
  const sentences = [
    ...(rehearsal
      ? [
          'Small data and short trainings: these numbers show that the way from images to tables works, and nothing about faces or methods.',
        ]
      : []),
    ...(drawn.length === 0
      ? []
      : [
          `All faces of ${drawn.length === runs.length ? 'these runs' : drawn.join(', ')} are drawn by a program: nothing here was measured on people.`,
        ]),
  ];
  return element(
    'p',
    { class: 'banner' },
    element('strong', {}, escape(`${stamp[0]!.toUpperCase()}${stamp.slice(1)}.`)),
    ` ${escape(sentences.join(' '))}`,
  );
}

function contents(sections: readonly Section[]): string {
  const link = ({ id, title }: Section): string => element('a', { href: `#${id}` }, escape(title));
  const outer = sections.flatMap((section, i) => {
    if (section.inner) return [];
    const end = sections.findIndex((s, k) => k > i && !s.inner);
    const within = sections.slice(i + 1, end === -1 ? undefined : end);
    const list =
      within.length === 0
        ? ''
        : element(
            'ul',
            {},
            ...within.map((s) => element('li', {}, link({ ...s, title: s.title.replace(/^.*?: /, '') }))),
          );
    return [element('li', {}, link(section) + list)];
  });
  return element('nav', { 'aria-label': 'contents' }, element('ul', {}, ...outer));
}

const sectionInPage = ({ id, title, inner, parts }: Section): string =>
  element(
    'section',
    { id, 'aria-labelledby': `${id}-heading` },
    element(inner ? 'h3' : 'h2', { id: `${id}-heading` }, escape(title)),
    ...parts.map(partInPage),
  );

function partInPage(part: Part): string {
  switch (part.kind) {
    case 'text':
      return element('p', {}, escape(part.text));
    case 'table':
      return tableInPage(part.table, part.stamp);
    case 'figures':
      return element(
        'div',
        { class: 'figures' },
        ...part.figures.map((figure) => illustrated(figure, part.stamp)),
      );
    case 'more':
      return element(
        'details',
        {},
        element('summary', {}, escape(part.summary)),
        ...part.parts.map(partInPage),
      );
  }
}

const illustrated = ({ figure, table }: Illustrated, stamp: string | null): string =>
  element(
    'figure',
    {},
    inPage(figure, stamp),
    element('figcaption', {}, escape(figure.title)),
    element('details', {}, element('summary', {}, 'The numbers of this figure'), tableInPage(table, stamp)),
  );
