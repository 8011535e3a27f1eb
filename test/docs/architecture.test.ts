/** @file docs/architecture.md against the tree: its code map, its list of passes, the walls between folders, and the sections that code refers to. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TRAINING_PASSES } from '../../compiler/passes/pipeline.js';
import { readPage } from '../support/pages.js';

const page = readPage('docs/architecture.md');

/** The text under a heading of level two. */
const section = (title: string): string => {
  const start = page.text.indexOf(`\n## ${title}\n`);
  assert.ok(start >= 0, `no section ${title}`);
  return page.text.slice(start, page.text.indexOf('\n## ', start + 1));
};

/** What the first cells of a table name in code marks. */
const firstCells = (text: string): string[] =>
  [...text.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
  );

const sources = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.c?ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));

test('the code map names every folder of code, and no other', () => {
  const named = firstCells(section('Code map'));
  for (const folder of named) assert.ok(existsSync(folder), `${folder} does not exist`);
  const folders = ['compiler', 'runtime'].flatMap((top) =>
    readdirSync(top, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${top}/${entry.name}/`),
  );
  for (const folder of folders) assert.ok(named.includes(folder), `${folder} is not on the map`);
});

test('the table of tests names every folder of tests', () => {
  const helpers = ['support', 'fixtures', 'golden'];
  const folders = readdirSync('test', { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !helpers.includes(entry.name))
    .map((entry) => `${entry.name}/`);
  assert.equal(firstCells(section('Tests')).sort(), folders.sort());
});

test('the listed passes are the passes, in their order', () => {
  assert.equal(
    firstCells(section('The passes')),
    TRAINING_PASSES.map((pass) => pass.name),
  );
});

/** What each part may import: packages, and other parts of the tree. */
const WALLS: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  grammar: ['chevrotain'],
  compiler: ['grammar/', 'ajv'],
  runtime: [
    'compiler/',
    /^@tensorflow\/tfjs-(core|backend-(cpu|wasm))(\/|$)/,
    /^pure-rand\b/,
    'koffi',
    'sharp',
    '@saehrimnir/druidjs',
    'csv-parse',
    'fast-xml-parser',
    /^node:/,
  ],
  bench: ['compiler/', 'runtime/', '@tensorflow/tfjs', 'commander', /^node:/],
  cli: ['grammar/', 'compiler/', 'runtime/', 'commander', 'esbuild', 'sharp', /^node:/],
};

for (const [part, allowed] of Object.entries(WALLS)) {
  test(`${part}/ imports nothing from beyond its walls`, () => {
    for (const file of sources(part)) {
      const text = readFileSync(file, 'utf8');
      const imports =
        /^(?:import|(?:import|export) .*from|\} from) '([^']+)'|\b(?:import|require)\('([^']+)'\)/gm;
      for (const [, fixed, called] of text.matchAll(imports)) {
        const named = (fixed ?? called)!;
        const target = named.startsWith('.') ? normalize(join(dirname(file), named)) : named;
        const fits = (rule: string | RegExp): boolean =>
          typeof rule !== 'string'
            ? rule.test(target)
            : rule.endsWith('/')
              ? target.startsWith(rule)
              : target === rule;
        assert.ok(target.startsWith(`${part}/`) || allowed.some(fits), `${file} imports ${named}`);
      }
      if (part === 'grammar' || part === 'compiler')
        assert.not.match(
          text,
          /\b(process|Buffer|globalThis|Date|performance|setTimeout)\.|\bMath\.random\b/,
          file,
        );
    }
  });
}

test('the sections that code refers to exist', () => {
  const files = ['grammar', 'compiler', 'runtime', 'cli', 'test'].flatMap(sources);
  const references = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/docs\/(language|architecture|ir)\.md, "([^"]+)"/g)].map(
      ([, name, title]) => ({ file, name: name!, title: title! }),
    ),
  );
  assert.ok(references.length > 5);
  for (const { file, name, title } of references)
    assert.match(readFileSync(`docs/${name}.md`, 'utf8'), `\n## ${title}\n`, `${file} refers to "${title}"`);
});

const PAGES = [
  'README.md',
  'CHANGELOG.md',
  'examples/README.md',
  ...readdirSync('docs').flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];

/** The anchors of a page, as GitHub makes them of its headings. */
const anchors = (path: string): string[] =>
  [...readPage(path).text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  );

test('links between the pages lead somewhere', () => {
  const pages = new Map<string, ReadonlySet<string>>();
  const known = (path: string): ReadonlySet<string> => {
    if (!pages.has(path)) pages.set(path, new Set(anchors(path)));
    return pages.get(path)!;
  };
  for (const path of PAGES) {
    const prose = readPage(path)
      .text.replace(/^```[\s\S]*?^```$/gm, '')
      .replace(/`[^`\n]*`/g, '');
    for (const [, link] of prose.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [file, anchor] = link!.split('#');
      const target = file ? join(dirname(path), file) : path;
      assert.ok(existsSync(target), `${path} links to ${link}`);
      if (anchor !== undefined && target.endsWith('.md'))
        assert.ok(known(target).has(anchor), `${path} links to ${link}`);
    }
  }
});

test.run();
