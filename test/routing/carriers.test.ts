/** @file The choice of carriers on columns written by hand and on all small sets: as few as the rank allows, always as disjoint sums. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  asDisjointSum,
  choose,
  keyOf,
  rankOf,
  support,
  unitCarrier,
  type Carrier,
} from '../../compiler/routing/carrier.js';
import * as C from '../../compiler/scalar/coefficient.js';
import { processorTime } from '../support/processor-time.js';

/** `column('1', '-lambda', '.')` */
const column = (...entries: readonly string[]): Carrier =>
  entries.map((text) =>
    text === '.'
      ? null
      : text.startsWith('-') && !/\d/.test(text[1]!)
        ? C.negate(C.parseCoefficient(text.slice(1)))
        : C.parseCoefficient(text),
  );
const keys = (carriers: readonly Carrier[]): string[] => carriers.map(keyOf);
const least = (...columns: readonly Carrier[]): string[] => keys(choose(columns, undefined, 'least'));

test('proportional columns share one carrier, by run-time scalars too', () => {
  assert.equal(least(column('1', '-lambda'), column('2', '-2*lambda')), ['1|-1*lambda']);
  assert.equal(least(column('lambda'), column('1')), ['1'], 'the one that needs no division');
  assert.equal(least(column('lambda'), column('mu')), ['1'], 'neither divides the other: the unit');
  assert.equal(least(column('lambda', 'lambda*mu'), column('nu', 'mu*nu')), ['1|mu']);
  assert.is(least(column('1', 'lambda'), column('1', 'mu')).length, 2);
  assert.is(least(column('1/10', '1/5'), column('3/10', '3/5')).length, 1, '0.1 + 0.2 is 0.3 here');
});

test('the column of the group that owns the place is the representative', () => {
  const [critic, generator] = [column('1', '1'), column('-1', '-1')];
  assert.equal(keys(choose([critic, generator], generator, 'least')), [keyOf(generator)]);
  assert.equal(keys(choose([critic, generator], undefined, 'least')), [keyOf(critic)]);
});

test('a column that is a disjoint sum of others is not carried, and none is ever a difference', () => {
  assert.equal(least(column('1', '.'), column('.', '1'), column('1', '1')), ['1|.', '.|1']);
  // With S = {1, 2} and A = {1}, a rank basis would write B = S - A.
  assert.equal(least(column('1', '1'), column('1', '.'), column('.', '1')), ['1|.', '.|1']);
  assert.is(asDisjointSum(column('.', '1'), [column('1', '1'), column('1', '.')]), null);
});

test('a column is covered by the rest that others leave over', () => {
  assert.is(least(column('1', '.', '.'), column('1', '1', '1'), column('.', '1', '1')).length, 2);
  assert.is(
    least(column('1', '1', '.', '.'), column('1', '1', '1', '1'), column('.', '.', '2', '2')).length,
    2,
  );
});

test('terms whose rows are proportional travel together', () => {
  const columns = [
    column('1', '2', '.'),
    column('1', '2', '1'),
    column('1', '2', '3'),
    column('1', '2', '5'),
  ];
  assert.equal(least(...columns), ['1|2|.', '.|.|1']);
});

const subsets = (terms: number): Carrier[] =>
  Array.from({ length: 2 ** terms - 1 }, (_, i) =>
    Array.from({ length: terms }, (__, t) => (((i + 1) >> t) & 1 ? C.ONE : null)),
  );

function* choicesOf<T>(items: readonly T[], most: number, from = 0): Generator<T[]> {
  yield [];
  if (most === 0) return;
  for (let i = from; i < items.length; i++)
    for (const rest of choicesOf(items, most - 1, i + 1)) yield [items[i]!, ...rest];
}

function checkChoice(columns: readonly Carrier[]): number {
  const chosen = choose(columns, undefined, 'least');
  for (const c of columns) {
    const parts = asDisjointSum(c, chosen);
    assert.ok(parts, `${keyOf(c)} over ${keys(chosen).join(' ')}`);
    const sets = parts.map((p) => support(chosen[p.index]!));
    assert.is(
      sets.reduce((a, b) => a + b),
      support(c),
      'the supports are a partition',
    );
  }
  return chosen.length;
}

test('all 127 sets of 0/1 columns over three terms need exactly their rank', () => {
  let sets = 0;
  for (const columns of choicesOf(subsets(3), 7)) {
    if (columns.length === 0) continue;
    sets++;
    assert.is(checkChoice(columns), rankOf(columns), keys(columns).join(' '));
  }
  assert.is(sets, 127);
});

test('of the 4,943 sets of up to five 0/1 columns over four terms, 6 need one more than their rank', () => {
  let sets = 0;
  let above = 0;
  for (const columns of choicesOf(subsets(4), 5)) {
    if (columns.length === 0) continue;
    sets++;
    const extra = checkChoice(columns) - rankOf(columns)!;
    assert.ok(extra === 0 || extra === 1);
    above += extra;
  }
  assert.is(sets, 4943);
  assert.is(above, 6);
});

test('many losses with a group each do not make the search long', () => {
  const terms = 40;
  const units = Array.from({ length: terms }, (_, t) => unitCarrier(terms, t));
  const all: Carrier = units.map(() => C.ONE);
  const most = all.map((c, t) => (t === 7 ? null : c));
  const took = processorTime();
  assert.is(choose([...units, all, most], undefined, 'least').length, terms);
  assert.is(choose([all, most, ...units], undefined, 'least').length, terms);
  assert.ok(took() < 10_000);
});

test.run();
