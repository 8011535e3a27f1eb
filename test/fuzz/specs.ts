/** @file Texts of the language, damaged, made from the grammar, or laid out anew: through check, compile and fmt. */
import * as assert from 'uvu/assert';
import { check } from '../../compiler/check/check.js';
import { diff } from '../../compiler/diff/diff.js';
import { renderDiagnostics } from '../../compiler/diagnostics/render.js';
import { printModel } from '../../compiler/model/print.js';
import type { ModelIR } from '../../compiler/model/ir.js';
import { compileModel } from '../../compiler/program.js';
import { show } from '../../compiler/show/show.js';
import { format } from '../../grammar/format/format.js';
import { lex } from '../../grammar/lex.js';
import { parse } from '../../grammar/parse.js';
import { relaid } from '../support/layouts.js';
import { judged, much, own, published, SMALL } from '../support/mutant-specs.js';
import { Mutants, type Source } from '../support/mutants.js';
import { meaningOf, withoutPlaces } from '../support/places.js';
import { randomSpec } from '../support/random-spec.js';
import { readerOf } from '../support/specs.js';
import type { Kind } from './kind.js';
import { sentence } from './sentences.js';

const corpus: readonly Source[] = [...published, ...own, much, much, much];

const treeOf = (text: string): string => withoutPlaces(parse(text, 'a').file.items);
const commentsOf = (text: string): string[] => lex(text, 'a').comments.map((c) => c.image.trimEnd());

/** The layout of a text that parses; undefined for another. */
function laidOut(text: string): string | undefined {
  const once = format(text, 'a').text;
  assert.is(once === undefined, parse(text, 'a').problems.length > 0);
  if (once === undefined) return undefined;
  assert.is(treeOf(once), treeOf(text), 'formatting changed the tree');
  assert.equal(commentsOf(once), commentsOf(text), 'formatting changed the comments');
  assert.is(format(once, 'a').text, once, 'formatting again changed the text');
  return once;
}

/** What does not depend on the names of blocks, which may have to change. */
const partsOf = (model: ModelIR | undefined): unknown =>
  model && {
    hypers: withoutPlaces(model.hypers),
    routes: withoutPlaces(model.losses.map(({ name, route }) => ({ name, route }))),
    stages: withoutPlaces(model.stages),
    shapes: model.groups.map(({ name, parameters }) => [name, parameters.map((p) => p.shape)]),
    operations: model.graph.nodes.map((node) => node.op),
  };

/** Everything the commands do with a text. */
function goThrough(source: Source): void {
  const checked = judged(source);
  for (const color of [false, true]) renderDiagnostics(checked.diagnostics, checked.sources, { color });
  const laid = laidOut(source.text);
  if (checked.models.size === 0) return;
  for (const model of checked.models.values()) {
    printModel(model);
    compileModel(model, { verify: true });
  }
  if (laid === undefined) return;
  const again = check(source.name, { reader: readerOf({ ...SMALL, [source.name]: laid }) });
  if (checked.diagnostics.some((d) => d.severity === 'error')) return;
  for (const [name, model] of checked.models) {
    const reader = readerOf({ ...SMALL, [source.name]: source.text });
    const { text } = show(source.name, { reader, of: { model: name } });
    const { models } = check('shown.ed2l', { reader: readerOf({ 'shown.ed2l': text! }) });
    const laidReader = readerOf({ ...SMALL, [source.name]: laid });
    const same = diff(
      { checked, options: { reader }, model: name },
      { checked: again, options: { reader: laidReader }, model: name },
    );
    assert.ok(!('found' in same) || same.found.length === 0, 'a text differs from its layout');
    // Of another name where a member has the model's.
    assert.equal(partsOf([...models.values()][0]), partsOf(model), 'the shown model is another');
  }
  assert.equal(
    meaningOf(again.models.values()),
    meaningOf(checked.models.values()),
    'formatting changed a model',
  );
}

export const damagedSpecs: Kind = {
  name: 'damaged specs',
  async run(seed, keep) {
    const mutants = new Mutants(seed, [corpus[seed % corpus.length]!]);
    const { name, text } = seed % 2 === 0 ? mutants.confused() : mutants.damaged();
    const laid = seed % 5 === 0 ? relaid(text, seed) : text;
    keep('case.ed2l', laid);
    goThrough({ name, text: laid });
  },
};

export const madeSpecs: Kind = {
  name: 'specs made from the grammar',
  async run(seed, keep) {
    const made = seed % 4 === 0 ? randomSpec(seed) : sentence(seed);
    const text = seed % 3 === 0 ? relaid(made, seed, 0.05) : made;
    keep('case.ed2l', text);
    const { problems } = parse(text, 'case.ed2l');
    // What the grammar allows and the tree refuses: empty losses, too deep or too large.
    const unexpected = problems.filter(({ code }) => !['ED1012', 'ED1014', 'ED1016'].includes(code));
    assert.equal(unexpected, [], 'a sentence of the grammar does not parse');
    goThrough({ name: 'case.ed2l', text });
  },
};
