/** @file What `compile --stats` says of the paper's network agrees with its published counts. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileModel } from '../../compiler/program.js';
import { formatStats, programStats, type PartStats } from '../../compiler/stats.js';
import { cpu } from '../../compiler/targets/cpu.js';
import { checkSpec, modelOf } from '../support/specs.js';

const BATCH = 64;
const full = (file: string, name: string) =>
  programStats(compileModel(modelOf(checkSpec(file), name)), BATCH, cpu);
const ed2l = full('specs/ed2l.ed2l', 'ed2l');
const baseline = full('specs/baseline.ed2l', 'baseline');

const part = (group: string | null, name: string): PartStats =>
  ed2l.steps[0]!.parts.find((p) => p.group === group && p.part === name)!;

test('parameters and statistics per group are those of Table 1', () => {
  const counts = ed2l.groups.map((g) => [g.name, g.parameters, g.statistics]);
  assert.equal(counts, [
    ['base', 1_442_688, 3_136],
    ['distiller', 4_229_632, 1_536],
    ['classifier', 1_792, 0],
    ['dispelling', 4_229_632, 1_536],
    ['dispeller', 1_799, 0],
  ]);
  assert.is(
    baseline.groups.reduce((n, g) => n + g.parameters, 0),
    5_674_112,
  );
});

test('forward convolutions cost two operations per multiply-add of the published count', () => {
  const macs = (n: number): number => 2 * BATCH * n;
  // 372.36 M multiply-adds per face in the base net, 64.68 M per branch of which 2.75 M are its dense layer.
  const base = part('base', 'forward').convolutions.flops;
  assert.ok(Math.abs(base / macs(372.36e6) - 1) < 1e-4, String(base));
  const branch = part('distiller', 'forward').convolutions.flops;
  assert.ok(Math.abs(branch / macs(64.68e6 - 7 * 6 * 256 * 256) - 1) < 1e-4, String(branch));
});

test('the backward convolutions cost twice the forward ones, less the adjoint of the image', () => {
  const first = 2 * BATCH * 56 * 48 * 9 * 32;
  assert.is(
    part('base', 'backward').convolutions.flops,
    2 * part('base', 'forward').convolutions.flops - first,
  );
  assert.is(
    part('dispelling', 'backward').convolutions.flops,
    2 * part('dispelling', 'forward').convolutions.flops,
  );
});

test('an update reads and writes each parameter and its two moments, and reads the gradient', () => {
  const { flops, bytes } = part('dispeller', 'update').rest;
  assert.is(bytes, 1_799 * 4 * 7);
  assert.is(flops, 1_799 * 14);
});

test('two adjoints are held by the two values of the dispeller, one by every other value', () => {
  assert.equal([...part('dispeller', 'backward').adjoints], [[2, 2]]);
  for (const { group, adjoints } of ed2l.steps[0]!.parts)
    if (group !== 'dispeller') assert.ok([...adjoints.keys()].every((n) => n === 1));
  for (const { adjoints } of baseline.steps[0]!.parts) assert.ok([...adjoints.keys()].every((n) => n === 1));
});

test('the text names every group, part and plan', () => {
  const text = formatStats(ed2l);
  for (const word of ['dispelling  backward', 'outside groups  forward', 'peak memory on cpu', 'evaluation'])
    assert.match(text, word);
  assert.match(text, /all\s+9,905,543\s+6,208/);
});

test.run();
