/** @file Texts for mutants: a short one that uses much of the language, the specs with a small network under them, and what must hold of any text. */
import { readdirSync, readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { check, type Checked } from '../../compiler/check/check.js';
import { CODES } from '../../compiler/diagnostics/codes/index.js';
import { fixtures } from '../grammar/fixtures.js';
import type { Source } from './mutants.js';
import { readerOf } from './specs.js';

/** A short text that uses much of the language, so that a change of any word meets a rule. */
const MUCH_TEXT = `
import { unit as part } from "./tiny.ed2l"
import tiny from "./tiny.ed2l"
block head(n, hidden = 2 * n)(a, b) {
  joined = concat(a, flatten(b))
  inner  = dense(hidden)(joined) |> relu()
  return inner |> dense(n, bias: false, init: gaussian(sd: 0.1))
}
model parent {
  hyper n = 3
  hyper t = linear(0, 1, end: 0.5)
  hyper rate = cosine(0.1, 0) / (1 + progress)^0.5
  hyper text = "folder"
  input x : image[8, 6, 1]
  label y : class[n] of anger, disgust, fear
  label other : class[3] of anger, disgust, fear
  group base = part(2, stride: 2) as first |> residual(tiny.unit(2)) |> repeat(2, conv(2) as again |> batch_norm())
  group top  = head(n)
  group spare = flatten() |> cosine_dense(n, normalize: weights) |> dropout(0.1 + t / 2)
  f = base(x)
  z = top(flatten(x), f)
  s = spare(f.first) + stop(spare)(f)
  mask = y is anger or not (other in [disgust, fear]) and y == other
  loss l = cross_entropy(z, y, smoothing: 0.1) + mean(number(mask) * norm(z)) updates base, top
  loss k = am_softmax(s, other, m: 0.1 * t, s: 8) - mse(softmax(z), one_hot(y)) / 4 updates spare, top by -t
  predict y = softmax(z)
  predict score = max(z, axis: channels)
  train {
    step both { minimize l + 2 * k using sgd(rate, momentum: 0.9) using adam(weight_decay: 1e-4) for spare }
    step late every 2 { minimize k - l using rmsprop(rate: 1e-3, clip_norm: 1) }
    freeze statistics base
    batch 4 epochs 2 log accuracy(z, y), mean(z)
  }
}
model child extends parent { remove step late remove group spare hyper n = 3 train { epochs 3 } }
data d {
  source synthetic_faces(people: 12, preset: easy) classes anger, disgust, fear
  resize to(8, 6) pixels scaled(mean: 100, by: 50) crops center(8, 6) augment flip(), shift(1) folds blocks(3, by: subject)
}
experiment e { model child with n = 3 train on d with rate = 0.1 score image(crops: vote) seeds 1, 2 report accuracy(), confusion(rows: true) }
`;
/** Stands for the paper's network: the same blocks with few units, so that thousands of models take seconds. */
const TINY = `
block unit(filters, stride = 1) = conv(filters, kernel: 3, stride: stride, bias: false) |> batch_norm() |> prelu()
block base(filters = 2, middle = 1, last = 1) = unit(filters, stride: 2) as down |> repeat(middle, residual(unit(filters)))
block branch(features = 4, filters = 2) = unit(filters, stride: 2) as down |> flatten() |> dense(features)
`;
export const SMALL: Readonly<Record<string, string>> = {
  'tiny.ed2l': TINY,
  'specs/sphereface.ed2l': TINY,
  'test/fixtures/specs/sphereface.ed2l': TINY,
};

export const own = readdirSync('specs')
  .filter((name) => name !== 'sphereface.ed2l')
  .map((name): Source => ({ name: `specs/${name}`, text: readFileSync(`specs/${name}`, 'utf8') }));
export const published = fixtures.map(({ name, text }): Source => ({
  name: `test/fixtures/specs/${name}`,
  text,
}));
export const much: Source = { name: 'much.ed2l', text: MUCH_TEXT };

const known = new Set(CODES.map((c) => c.code));

/** Checks a text and everything said about it. Throws for a code nobody knows, words of the inside, and places outside the texts. */
export function judged({ name, text }: Source): Checked {
  const checked = check(name, { reader: readerOf({ ...SMALL, [name]: text }) });
  for (const d of checked.diagnostics) {
    assert.ok(known.has(d.code) && !d.code.startsWith('ED9'), `${d.code} ${d.message}\n${text}`);
    assert.not.match(d.message, /undefined|NaN|\[object|internal/, text);
    for (const { source, start, end } of [d.span, ...(d.labels ?? []).map((l) => l.span)]) {
      const of = checked.sources.find((s) => s.name === source)?.text;
      assert.ok(of !== undefined && 0 <= start && start <= end && end <= of.length, `${d.code}\n${text}`);
    }
  }
  return checked;
}
