/** @file Losses become terms: what two losses share is one term, what cancels is none, and messages name them as the spec does. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileModel, type CompiledStep } from '../../compiler/program.js';
import { formatCarrier } from '../../compiler/routing/carrier.js';
import { countVjps } from '../../compiler/routing/demand.js';
import { checkText, errorsOf, modelOf } from '../support/specs.js';

const spec = (losses: string, objective: string): string => `model small {
  hyper lambda = linear(from: 0, to: 1)

  input x : vector[4]
  label y : class[2]
  group base = dense(3)
  group head = dense(2)

  f = base(x)
  z = head(f)
  a = cross_entropy(z, y)
  b = mean(f ^ 2)
  ${losses}
  predict y = softmax(z)

  train { minimize ${objective} using sgd(1e-2) batch 8 epochs 1 }
}`;

function compiled(losses: string, objective: string): CompiledStep {
  const checked = checkText(spec(losses, objective));
  assert.equal(errorsOf(checked), []);
  return compileModel(modelOf(checked, 'small'), { verify: true }).stages[0]!.steps[0]!;
}

const CASES: readonly (readonly [title: string, losses: string, objective: string, wants: Record<string, string>])[] = [
  ['a loss of one term keeps its name', 'loss l1 = a updates base, head', '3 * l1', { base: '{l1: 3}', head: '{l1: 3}' }],
  ['terms that are declared values have their names', 'loss l1 = a + b updates base\n loss l2 = a - 2 * b updates head, base', 'l1 + l2', { base: '{a: 2, b: -1}', head: '{a: 1, b: -2}' }],
  ['others are counted within their loss', 'loss l1 = mean(z) + mean(f) updates base\n loss l2 = mean(z) updates head', 'l2 + l1', { base: '{l2: 1, l1.2: 1}', head: '{l2: 1}' }],
  ['what cancels within a loss is not carried', 'loss l1 = a - a + b updates base\n loss l2 = a updates head', 'l1 + l2', { base: '{b: 1}', head: '{a: 1}' }],
  ['what cancels within a loss leaves its other terms alone', 'loss l1 = lambda * (a + b) - lambda * (a + b) + lambda * a updates base\n loss l2 = a updates head', 'l1 + l2', { base: '{a: lambda}', head: '{a: 1}' }],
  ['what cancels between losses is not carried', 'loss l1 = a + b updates base\n loss l2 = a - b updates base, head', 'l1 + l2', { base: '{a: 2}', head: '{a: 1, b: -1}' }],
  ['a loss that cancels as a whole updates nothing', 'loss l1 = b - b updates base\n loss l2 = a updates base, head', 'l1 + l2', { base: '{l2: 1}', head: '{l2: 1}' }],
  ['a multiple of a mean is the same term', 'loss l1 = 10 * mean(z) updates base\n loss l2 = mean(z) updates head', 'l1 + l2', { base: '{l2: 10}', head: '{l2: 1}' }],
  ['a sum with a schedule is spelt out', 'loss l1 = a updates base by lambda\n loss l2 = 2 * a updates base, head', 'l1 + l2', { base: '{l1: (lambda+2)}', head: '{l1: 2}' }],
  ['decimals are exact', 'loss l1 = 0.1 * a updates base\n loss l2 = 0.2 * a updates base\n loss l3 = 0.3 * a updates head', 'l1 + l2 - l3 + 2 * l3', { base: '{a: 3/10}', head: '{a: 3/10}' }],
]; // prettier-ignore

for (const [title, losses, objective, wants] of CASES) {
  test(title, () => {
    const { terms } = compiled(losses, objective).differentiated;
    const found = [...terms.wants].map(([group, carrier]) => [group, formatCarrier(carrier, terms)]);
    assert.equal(Object.fromEntries(found), wants);
    assert.is(new Set(terms.names).size, terms.names.length);
  });
}

test('losses that share a term need one product where whole losses would need two', () => {
  const shared = compiled('loss l1 = 10 * mean(z) updates base\n loss l2 = mean(z) updates head', 'l1 + l2');
  for (const carriers of shared.differentiated.demand.carriers.values()) assert.is(carriers.length, 1);
  const apart = compiled(
    'loss l1 = 10 * mean(z) updates base\n loss l2 = mean(z ^ 2) updates head',
    'l1 + l2',
  );
  const count = ({ forward, differentiated }: CompiledStep): number =>
    countVjps(forward, differentiated.demand).inputVjps;
  assert.ok(count(shared) < count(apart));
});

test('a loss whose terms all cancel draws a warning, one of which something is left does not', () => {
  const warnings = (losses: string): string[] =>
    checkText(spec(losses, 'l1 + l2'))
      .diagnostics.filter((d) => d.code === 'ED4009')
      .map((d) => d.message);
  assert.equal(warnings('loss l1 = b - b updates base\n loss l2 = a updates base, head'), [
    'the terms of `l1` cancel, so it updates nothing',
  ]);
  assert.equal(warnings('loss l1 = b + a - b updates base\n loss l2 = a updates base, head'), []);
});

test('a loss with coefficient 0 in the objective updates nothing, its statistics included', () => {
  const checked = checkText(
    spec('loss l1 = a updates head\n loss l2 = b updates base', '0 * l2 + l1').replace(
      'dense(3)',
      'dense(3) |> batch_norm()',
    ),
  );
  // The group is never updated: that is an error of the spec, said before anything is compiled.
  assert.ok(errorsOf(checked).length > 0);
});

test('a value that many paths lead to is one term, found in one look', () => {
  const doublings = Array.from(
    { length: 60 },
    (_, i) => `v${i + 1} = ${i === 0 ? 'a + a' : `v${i} + v${i}`}`,
  );
  const losses = `${doublings.join('\n  ')}\n  loss l1 = v60 updates base\n  loss l2 = a updates head`;
  const { terms } = compiled(losses, 'l1 + l2').differentiated;
  assert.is(formatCarrier(terms.wants.get('base')!, terms), `{a: ${2n ** 60n}}`);
});

test.run();
