/** @file `ed2lc data inspect` on the databases that `ed2lc synth --layout` writes: its text, its sheets, and a cache that is damaged or refused. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { workplace, type Workplace } from '../support/command-line.js';

const LAYOUTS = ['ck_plus', 'mmi', 'bu_3dfe', 'oulu_casia', 'fer2013'];
const SPEC = `${LAYOUTS.map((name) => `data ${name} { source ${name}("${name}") resize to(32, 28) folds blocks(2, by: subject) }`).join('\n')}
data fer_plus { source fer_plus("fer2013") }
`;

const test = suite('inspect');
let place: Workplace;
test.before(async () => {
  place = workplace({ 'all.ed2l': SPEC });
  for (const layout of LAYOUTS) {
    // Three of MMI show all six expressions.
    const people = layout === 'mmi' ? '3' : '2';
    const order = ['synth', layout, '--layout', layout, '--preset', 'easy', '--people', people];
    const { code, stderr } = await place.ed2lc(order);
    assert.is(code, 0, stderr);
  }
});
test.after(() => place.remove());

const inspect = (...args: readonly string[]) => place.ed2lc(['data', 'inspect', 'all.ed2l', ...args]);

test('each layout is read by the source of its name, and told beside what the database holds', async () => {
  const { code, stdout, stderr } = await inspect('--sheet', 'sheets/new');
  assert.is(code, 0, stderr);
  const blocks = stdout.split(/\n(?=data )/);
  const shown: readonly (readonly [name: string, ...lines: RegExp[]])[] = [
    [
      'ck_plus',
      /^ {2}24 images in 8 sequences of 2 people, 7 classes, 32 by 28, gray$/m,
      /^ {2}sizes before resize: 128 by 110 \(12\), 131 by 110 \(12\)$/m,
      /^ {2}of CK\+, which is not whole:\n +found +expected\n +people +2 +118\n +sequences +8 +327$/m,
      /^ {2}left out: sequences without a label \(\d\)\n {4}S\d{3}\/\d{3}$/m,
      /^ {2}left out: frames outside last\(3\) \(\d+\)\n( {4}S.*png\n){10} {4}and \d+ more \(--all\)$/m,
    ],
    ['mmi', /^ {4}sequences +9 +209$/m, /^ {4}11\/session\.xml: it is not there$/m],
    [
      'bu_3dfe',
      /^ {4}people +2 +100\n {4}sequences +12 +600$/m,
      /^ {2}missing of BU-3DFE: F0003, .*, and 88 more \(--all\)$/m,
    ],
    ['oulu_casia', /^ {4}sequences +12 +480\n {4}anger +2 +80$/m, /^ {2}missing of Oulu-CASIA: P003, /m],
    [
      'fer2013',
      /^ {2}of FER2013, which is not whole:\n +found +expected\n {4}images +56 +35887$/m,
      /^ {2}each image is a person of its own$/m,
    ],
    ['fer_plus', /8 classes, 48 by 48, gray$/m, /^ {2}fields: votes \(8\)$/m, /^ {2}no folds$/m],
  ];
  assert.is(blocks.length, shown.length);
  for (const [i, [name, ...lines]] of shown.entries()) {
    assert.match(blocks[i]!, new RegExp(`^data ${name}: ${name} `));
    assert.match(blocks[i]!, new RegExp(`^ {2}contact sheet: sheets/new/${name}\\.png$`, 'm'));
    for (const line of lines) assert.match(blocks[i]!, line);
  }
  assert.equal(
    readdirSync(join(place.path, 'sheets/new')).sort(),
    shown.map(([name]) => `${name}.png`).sort(),
  );
  const size = async (name: string): Promise<(number | undefined)[]> => {
    const { height, width } = await sharp(join(place.path, 'sheets/new', name)).metadata();
    return [height, width];
  };
  assert.equal(await size('bu_3dfe.png'), [2 * 32, 6 * 28]);
  assert.equal(await size('fer2013.png'), [8 * 32, 7 * 28], 'two people of four images a class');
});

test('what a database lacks and what is odd about it is named; --all names everything', async () => {
  const sequence = (name: string): string[] =>
    readdirSync(join(place.path, 'ck_plus/cohn-kanade-images', name))
      .filter((file) => file.endsWith('.png'))
      .map((file) => join(place.path, 'ck_plus/cohn-kanade-images', name, file));
  const frames = sequence('S005/001');
  const last = frames.at(-1)!;
  const bytes = readFileSync(last);
  rmSync(last);
  try {
    const { code, stdout } = await inspect('ck_plus', '--all');
    assert.is(code, 0);
    assert.match(
      stdout,
      new RegExp(
        `^ {2}kept: sequences with frames missing \\(1\\)\n {4}S005/001: it ends with frame ${frames.length - 1}, and frame ${frames.length} is labelled$`,
        'm',
      ),
    );
    assert.match(stdout, /^ {2}S005 +12$/m, 'each person');
    assert.not.match(stdout, /--all/);
  } finally {
    writeFileSync(last, bytes);
  }
});

test('a sheet that cannot be written ends with 5 and leaves nothing; the data is not to blame', async () => {
  place.write('taken', 'a file');
  for (const json of [[], ['--json']]) {
    const { code, stderr } = await inspect('bu_3dfe', '--sheet', 'taken', ...json);
    assert.is(code, 5);
    assert.match(stderr, /^error: taken\/bu_3dfe\.png could not be written: /m);
    assert.not.match(stderr, /cannot be used|\n\s+at /);
  }
  place.write('full/bu_3dfe.png/in-the-way', '');
  assert.is((await inspect('bu_3dfe', '--sheet', 'full')).code, 5);
  assert.equal(readdirSync(join(place.path, 'full')), ['bu_3dfe.png']);
});

test('a cached set that was damaged is told and made again; without a cache all is the same', async () => {
  const first = await inspect('bu_3dfe');
  const folder = join(place.path, 'cache/data');
  for (const file of readdirSync(folder)) {
    const whole = readFileSync(join(folder, file));
    whole[whole.length >> 1]! ^= 1;
    writeFileSync(join(folder, file), whole);
  }
  const second = await inspect('bu_3dfe');
  assert.match(second.stderr, /^note: the cached copy of bu_3dfe was damaged and is made again: /m);
  assert.equal([second.code, second.stdout], [0, first.stdout]);
  assert.is((await inspect('bu_3dfe')).stderr, '');
  const refused = await place.ed2lc(['data', 'inspect', 'all.ed2l', 'bu_3dfe'], {
    ED2LC_CACHE: join(place.path, 'taken'),
  });
  assert.match(refused.stderr, /^note: bu_3dfe could not be cached in .*taken: /m);
  assert.equal([refused.code, refused.stdout], [0, first.stdout]);
});

test.run();
