/** @file The gradient tests speak of every spec: no model of `specs/` and `examples/` is left out of their list. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkSpec } from '../support/specs.js';
import { ZOO } from '../support/zoo.js';

test('every model of specs/ and examples/ is in the list', () => {
  const files = ['specs', 'examples'].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.ed2l'))
      .map((name) => join(folder, name)),
  );
  const models = files.flatMap((file) =>
    [...checkSpec(file).models.keys()].map((model) => `${file} ${model}`),
  );
  assert.equal(ZOO.map(([file, model]) => `${file} ${model}`).sort(), models.sort());
});

test.run();
