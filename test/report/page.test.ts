/** @file The page and its figures: well formed, without anything from outside, with a text for every figure, its numbers beside it, and its stamp. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { asFile, asPrint, inPage } from '../../runtime/report/rendering/figure.js';
import { page, sectionsOf } from '../../runtime/report/rendering/page.js';
import { DARK, LIGHT } from '../../runtime/report/rendering/palette.js';
import { scale } from '../../runtime/report/rendering/scale.js';
import { figuresOf, tablesOf } from '../../runtime/report/rendering/section.js';
import { tableAsCsv, tableInPage } from '../../runtime/report/rendering/table.js';
import { golden } from '../support/golden.js';
import { elementsOf, reportFixture, runFixture } from '../support/report.js';

const data = reportFixture([runFixture('quick-001'), runFixture('quick-002', { synthetic: true })], true);
const sections = sectionsOf(data);
const html = page(data, sections);
const elements = elementsOf(html.replace('<!doctype html>\n', ''));

test('the page is well formed, and every id stands once', () => {
  const ids = elements.flatMap((e) => e.attributes.get('id') ?? []);
  assert.equal(new Set(ids).size, ids.length);
  for (const { attributes } of elements)
    for (const name of ['href', 'aria-labelledby']) {
      const targets = attributes.get(name)?.replace(/^#/, '').split(' ') ?? [];
      for (const id of targets) assert.ok(ids.includes(id), `${name}="${id}" leads nowhere`);
    }
});

test('nothing comes from outside, and nothing needs a script', () => {
  const addresses = [...html.matchAll(/https?:[^"'\s)]*/g)].map(([address]) => address);
  assert.equal([...new Set(addresses)], ['http://www.w3.org/2000/svg']);
  assert.not.match(html, /<script|<link|@import|url\(|\bon\w+=/);
  for (const { attributes } of elements)
    for (const name of ['src', 'href']) assert.match(attributes.get(name) ?? '#', /^(#|data:)/);
});

test('every figure has a name, a text, and a table of its numbers', () => {
  const figures = elements.filter((e) => e.name === 'figure');
  assert.is(figures.length, 7);
  for (const { inside } of figures) {
    assert.match(inside, /<svg [^>]*role="img"/);
    assert.match(inside, /<desc [^>]*>[^<]{20,}<\/desc>/);
    assert.match(inside, /<table /);
  }
  assert.is(elements.filter((e) => e.name === 'svg').length, figures.length);
});

test('a rehearsal says so on the page, on each figure and each table, in files too; drawn faces likewise', () => {
  assert.match(html, /<title>Rehearsal: /);
  const all = figuresOf(sections);
  for (const { figure, stamp } of all) {
    const drawn = !figure.id.startsWith('quick-001');
    assert.is(stamp, drawn ? 'rehearsal, not evidence · synthetic faces' : 'rehearsal, not evidence');
    for (const svg of [inPage(figure, stamp), asFile(figure, stamp), asPrint(figure, stamp)])
      assert.match(svg, new RegExp(`<text [^>]*>${stamp}</text></svg>$`));
  }
  for (const { table, stamp } of tablesOf(sections)) {
    if (stamp === null) assert.match(table.id, /^table-paper-[345]$/, 'nothing but what was published');
    else {
      assert.match(
        tableInPage(table, stamp),
        /<caption><span class="title">[^<]+ <span class="stamp">rehearsal, not evidence/,
      );
      const [names, ...rows] = tableAsCsv(table, stamp).split('\r\n');
      assert.match(names!, /,stamp$/);
      for (const row of rows) assert.ok(row.endsWith(`,${stamp.includes(',') ? `"${stamp}"` : stamp}`), row);
    }
  }
  const real = reportFixture([runFixture('real')]);
  for (const { stamp } of [...figuresOf(sectionsOf(real)), ...tablesOf(sectionsOf(real))])
    assert.is(stamp, null);
  assert.not.match(page(real, sectionsOf(real)), /rehearsal, not|synthetic faces/i);
});

test('published numbers stand apart from measured ones, on the page and in files', () => {
  const { table, stamp } = tablesOf(sections).find((t) => t.table.id === 'table-paper-2')!;
  const [names, , ...rows] = tableAsCsv(table, stamp).split('\r\n');
  assert.match(names!, /^method,published: accuracy %,measured: accuracy %,/);
  assert.ok(rows.some((row) => row.startsWith('Ours (w.o.),96.33,0.75,')));
  assert.match(html, /published in the paper<\/th>.*measured by these runs<\/th>/);
});

test('files of figures are XML of their own, and cells of CSV are quoted where they must be', () => {
  for (const { figure, stamp } of figuresOf(sections)) elementsOf(asFile(figure, stamp));
  const columns = [{ name: 'a "b"' }, { name: 'c' }];
  assert.is(
    tableAsCsv(
      {
        id: 't',
        caption: '',
        columns,
        rows: [
          ['x,y', null],
          ['z', 0.5],
        ],
      },
      null,
    ),
    '"a ""b""",c\r\n"x,y",\r\nz,0.5',
  );
});

test('text on paper has a contrast of 4.5 to 1 at least, marks of 3 to 1', () => {
  for (const { paper, ink, soft, mark, measured, warn, warnPaper, series, shade } of [LIGHT, DARK]) {
    for (const color of [ink, soft, measured, mark])
      assert.ok(contrast(color, paper) >= 4.5, `${color} on ${paper}`);
    assert.ok(contrast(warn, warnPaper) >= 4.5 && contrast(warn, paper) >= 4.5);
    assert.ok(contrast(ink, shade) >= 4.5);
    for (const color of series) assert.ok(contrast(color, paper) >= 3, `${color} on ${paper}`);
  }
});

/** WCAG 2.2, relative luminance. */
function contrast(a: string, b: string): number {
  const light = (color: string): number => {
    const [r, g, blue] = [1, 3, 5].map((i) => {
      const v = parseInt(color.slice(i, i + 2), 16) / 255;
      return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * blue!;
  };
  const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

test('a scale has round ticks within its range, also for one value', () => {
  assert.equal(scale(0.13, 0.98, 0, 100).ticks, [0.2, 0.4, 0.6, 0.8]);
  const one = scale(3, 3, 0, 10);
  assert.is(one(3), 5);
  for (const tick of one.ticks) assert.ok(tick >= 2.5 && tick <= 3.5);
});

test('small figures', () => {
  const all = figuresOf(sections);
  const shown = (id: string): string => {
    const { figure } = all.find((f) => f.figure.id === id)!;
    return inPage(figure, null).replaceAll('><', '>\n<');
  };
  golden('report/confusion', { svg: shown('quick-001-confusion') });
  golden('report/accuracy', { svg: shown('accuracy') });
  golden('report/curve', { svg: shown('quick-001-curve-l_t') });
});

test.run();
