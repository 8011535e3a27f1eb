/** @file The specs of published methods: each checks clean, or is told what of it is not yet supported, where it stands, once. */
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { textOf } from '../support/small.js';
import { checkSpec } from '../support/specs.js';

/** The text under each "not yet supported", behind the name of its file. Specs that are not listed check clean. */
const NOT_YET: Readonly<Record<string, readonly string[]>> = {
  'confusion.ed2l': ['dann.ed2l source', 'dann.ed2l target', 'dann.ed2l source'],
  'd2ae.ed2l': ['d2ae.ed2l noise e_t = normal(like: f_t)', 'd2ae.ed2l noise e_p = normal(like: f_p)'],
  'dann.ed2l': [
    'dann.ed2l source',
    'dann.ed2l target',
    'dann.ed2l source',
    'dann.ed2l source: mnist',
    'dann.ed2l target: mnist_m',
  ],
  'derl.ed2l': [
    'derl.ed2l expressive',
    'derl.ed2l neutral',
    'derl.ed2l expressive',
    'derl.ed2l pairs',
    'derl.ed2l expressive: ck_plus',
  ],
  'gan.ed2l': ['gan.ed2l noise z = normal(64)'],
  'iacnn.ed2l': [
    'iacnn.ed2l first',
    'iacnn.ed2l second',
    'iacnn.ed2l first.expression',
    'iacnn.ed2l second.expression',
    'iacnn.ed2l subject',
    'iacnn.ed2l first.subject',
    'iacnn.ed2l subject',
    'iacnn.ed2l second.subject',
    'iacnn.ed2l pairs',
  ],
  'infogan.ed2l': ['infogan.ed2l noise z = normal(62)', 'infogan.ed2l noise c = categorical(10)'],
  'ppdn.ed2l': ['ppdn.ed2l peak', 'ppdn.ed2l other', 'ppdn.ed2l peak', 'ppdn.ed2l pairs'],
  'wgan_gp.ed2l': [
    'wgan_gp.ed2l noise u = uniform()',
    'wgan_gp.ed2l gradient',
    'gan.ed2l noise z = normal(64)',
  ],
  'zhang2018.ed2l': ['zhang2018.ed2l l_a'],
};

const FIXTURES = 'test/fixtures/specs';

for (const file of readdirSync(FIXTURES).sort()) {
  test(`${file} is clean but for what is not yet supported`, () => {
    const checked = checkSpec(`${FIXTURES}/${file}`);
    const told = checked.diagnostics.filter((d) => d.severity !== 'note');
    assert.equal(
      told.map((d) => `${basename(d.span.source)} ${textOf(checked, d)}`),
      NOT_YET[file] ?? [],
    );
    assert.ok(told.every((d) => d.code === 'ED8001' && d.message.endsWith('is not yet supported')));
    const places = told.map(({ span }) => `${span.source} ${span.start} ${span.end}`);
    assert.is(new Set(places).size, places.length);
  });
}

for (const file of readdirSync('specs').filter((name) => name.endsWith('.ed2l'))) {
  test(`specs/${file} is clean`, () => {
    const { diagnostics } = checkSpec(`specs/${file}`);
    assert.equal(
      diagnostics.filter((d) => d.severity !== 'note'),
      [],
    );
  });
}

test.run();
