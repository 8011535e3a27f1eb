/** @file A shown model is one text that means what the original means: equal model IR but for places. */
import { readdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { check } from '../../compiler/check/check.js';
import { show, type ShowOptions } from '../../compiler/show/show.js';
import { format } from '../../grammar/format/format.js';
import { parse } from '../../grammar/parse.js';
import { Unparser } from '../../grammar/unparse.js';
import { withoutPlaces } from '../support/places.js';
import { randomSpec } from '../support/random-spec.js';
import { checkText, errorsOf, modelOf, readerOf } from '../support/specs.js';
import { ZOO } from '../support/zoo.js';

const folder = 'specs';

function shown(entry: string, of: ShowOptions['of'], options: Partial<ShowOptions> = {}): string {
  const { text } = show(entry, { reader: readerOf(), of, ...options });
  assert.type(text, 'string', `${entry} has nothing to show`);
  return text!;
}

/** The IR of the shown text, as text without places; of trainings, those called `stages`, if given. */
function meaningOf(text: string, model: string, stages?: readonly (string | null)[]): string {
  const checked = checkText(text);
  assert.equal(errorsOf(checked), [], text);
  assert.not.match(text, /^\s*(import|remove)\b|\bextends\b/m);
  assert.is(format(text, 'shown').text, text);
  const ir = modelOf(checked, model);
  return withoutPlaces(stages ? { ...ir, stages: ir.stages.filter((s) => stages.includes(s.name)) } : ir);
}

for (const [file, name] of ZOO) {
  test(`${name} of ${file}`, () => {
    const before = withoutPlaces(modelOf(check(file, { reader: readerOf() }), name));
    assert.is(meaningOf(shown(file, { model: name }), name), before);
  });
}

test('the model of every experiment, with its values', () => {
  let count = 0;
  for (const file of readdirSync(folder).filter((f) => f.endsWith('.ed2l'))) {
    const checked = check(`${folder}/${file}`, { reader: readerOf() });
    for (const { experiment, model } of checked.experiments) {
      count++;
      const text = shown(`${folder}/${file}`, { experiment: experiment.name });
      // The text has every training of the model, the experiment's last stage the one that it runs.
      const stages = model.stages.map((s) => s.name);
      assert.is(meaningOf(text, model.name, stages), withoutPlaces(model));
    }
  }
  assert.ok(count > 3);
});

test('random models', () => {
  for (let seed = 0; seed < 20; seed++) {
    const text = randomSpec(seed);
    const reader = readerOf({ 'random.ed2l': text });
    assert.is(
      meaningOf(shown('random.ed2l', { model: 'random' }, { reader }), 'random'),
      withoutPlaces(modelOf(checkText(text), 'random')),
    );
  }
});

const PARENT = `import tools from "./tools.ed2l"
block unit(n) = dense(n) |> relu()
model parent {
  hyper units = 4
  input x : vector[3]
  label y : class[3]
  # What is shared.
  group body  = tools.unit(units) as deep |> unit(units)
  group inner = tools.inner(units)
  group spare = dense(3)
  z = spare(inner(body(x)))
  loss l = cross_entropy(z, y) updates body, inner, spare
  loss k = mean(z ^ 2) updates spare by -1
  train { minimize l - 2 * (k + l) using sgd(0.1) using adam() for spare }
}
`;
const CHILD = `import { parent } from "./parent.ed2l"
# With less in it.
model child extends parent { remove loss k hyper units = 5 train { epochs 7 } }
data d { source synthetic_faces(people: 4) }
`;
const TOOLS = `block inner(n) = unit(n) as first |> dense(n)
block unit(m) { wide = dense(2 * m) return wide |> tanh() |> dense(m) }
`;
const files = { 'parent.ed2l': PARENT, 'child.ed2l': CHILD, 'tools.ed2l': TOOLS };

test('blocks of one name from two files get two names; a removed loss is gone; documentation stays', () => {
  const reader = readerOf(files);
  const text = shown('child.ed2l', { model: 'child' }, { reader });
  const before = withoutPlaces(modelOf(check('child.ed2l', { reader }), 'child'));
  // The pieces of a block bear its name, so the renamed one's are other pieces.
  assert.is(meaningOf(text, 'child').replaceAll('body.parent_unit.', 'body.unit.'), before);
  assert.match(text, /^block parent_unit\(n\)/m);
  assert.match(text, /^block tools_inner\(n\)/m);
  assert.match(text, /# What is shared\.\n {2}group body/);
  assert.match(text, /# With less in it\.\nmodel child \{/);
  assert.match(text, /hyper units = 5/);
  assert.match(text, /minimize l - 2 \* l/);
});

test('a model called as one of its members gets another name', () => {
  const child = 'import { parent } from "./parent.ed2l"\nmodel l extends parent { loss l updates all }\n';
  const reader = readerOf({ ...files, 'child.ed2l': child });
  const text = shown('child.ed2l', { model: 'l' }, { reader });
  assert.match(text, /^model l_model \{/m);
  assert.equal(errorsOf(checkText(text)), []);
});

test('--set and imported models', () => {
  const reader = readerOf(files);
  const text = shown('child.ed2l', { model: 'parent' }, { reader, set: { units: '2 * 3' } });
  assert.match(text, /hyper units = 2 \* 3/);
  assert.is(show('child.ed2l', { reader, of: { model: 'nobody' } }).text, undefined);
  assert.is(show('child.ed2l', { reader, of: { experiment: 'nobody' } }).text, undefined);
});

test('expressions keep their meaning as text', () => {
  for (const text of [
    'a - (b - c)',
    '(a - b) - c',
    'a / (b * c)',
    '-(x ^ 2)',
    '(-x) ^ 2',
    '(a ^ b) ^ c',
    'a ^ b ^ -c',
    'not (a or b) and c',
    '(not a) == b',
    'a |> (b |> c)',
    '(a |> b as n) |> c',
    'f(a |> b, c: d or e)',
    '(a + b).c',
    '(a |> b)(c)',
    'x is y and x in [1, two]',
    '"quote \\" slash \\\\ line \\n"',
    '[[0, 1], [2, -3]]',
  ]) {
    const wrap = (e: string): string => `model m { x = ${e} }`;
    const valueOf = (e: string) => {
      const [model] = parse(wrap(e), 'a').file.items;
      const [member] = model?.kind === 'model' ? model.members : [];
      assert.ok(member?.kind === 'value', e);
      return member!.kind === 'value' ? member.value : undefined;
    };
    const again = new Unparser().expression(valueOf(text)!);
    assert.is(withoutPlaces(valueOf(again)), withoutPlaces(valueOf(text)), again);
  }
});

test.run();
