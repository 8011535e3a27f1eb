/** @file The printed tables against results made for them. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PeerResults, Results } from '../../bench/results.js';
import { PAPER } from '../../bench/problem.js';
import { compare } from '../../bench/statistics.js';
import { formatResults, formatShort } from '../../bench/table.js';

const pairs = (ours: number, ...theirs: number[]): ReturnType<typeof compare> =>
  compare(theirs.map((each) => ({ ours, theirs: each })));

const allowed = { losses: 1e-3, gradients: 1e-2 };
const peer = (name: string, more: Partial<PeerResults>): PeerResults => ({
  name,
  label: `label of ${name}`,
  about: `version of ${name}`,
  peak: 900e6,
  start: 500e6,
  agreement: { losses: 1e-4, gradients: 2e-3, allowed },
  times: {},
  ...more,
});

const results: Results = {
  at: '2026-11-29T05:00:00.000Z',
  machine: { cpu: 'Chip', cores: 2, avx512: true, memory: 8 * 2 ** 30, system: 'Linux 6', load: 0.04 },
  engine: 'onednn',
  numbers: PAPER,
  batches: [
    {
      batch: 16,
      threads: 2,
      ours: { about: 'our version', peak: 700e6, start: 100e6, predicted: 500e6, tensors: 510e6 },
      peers: [
        peer('torch-eager-nchw', { times: { step: pairs(100, 250, 240, 260) } }),
        peer('torch-eager-channels_last', { times: { step: pairs(100, 200, 190, 220) }, peak: 800e6 }),
        peer('tfjs-core', {
          agreement: { losses: 1, gradients: 2e-3, allowed, objection: 'the losses differ' },
        }),
      ],
      kernels: [
        { name: 'convolution 3×3', flops: 2e9, form: 'nchw', ...pairs(10, 20) },
        { name: 'batch norm', flops: 2e9, form: 'nchw', ...pairs(10, 5) },
      ],
    },
  ],
  absent: [
    { label: 'A', batches: [16, 64], reason: 'there is no A', install: 'get A' },
    { label: 'B', batches: [64], reason: 'it ended' },
  ],
};

const rowOf = (text: string, first: string): string[] => {
  const line = text.split('\n').find((each) => each.startsWith(`| ${first} |`));
  assert.ok(line, `no row ${first} in\n${text}`);
  return line
    .split('|')
    .slice(2, -1)
    .map((cell) => cell.trim());
};

test('the short table holds us against the faster of PyTorch’s formats', () => {
  const text = formatShort(results);
  assert.equal(rowOf(text, 'batch 16, step'), ['100 ms', '**2.00** (1.90–2.20)']);
  assert.equal(rowOf(text, 'batch 16, peak memory in MB'), ['700 (100)', '800 (500)']);
});

test('who does not agree has no times, and stands in the long table with the reason', () => {
  assert.not.match(formatShort(results), 'tfjs');
  assert.equal(
    [...formatResults(results).matchAll(/^\| label of tfjs-core \|(.+)$/gm)].map(([, cells]) =>
      cells!.trim(),
    ),
    ['900 | 500 |  |  |', 'not timed: the losses differ |  |'],
  );
});

test('both say where, and who was absent', () => {
  for (const text of [formatShort(results), formatResults(results)]) {
    assert.match(
      text,
      'Chip with AVX-512, 2 cores, 8 GiB, Linux 6; engine `onednn`, 2 threads for everyone; 2026-11-29',
    );
    assert.match(text, 'Not measured: A, at batch 16 and 64: there is no A. To install it: `get A`.');
    assert.match(text, /Not measured: B, at batch 64: it ended\.$/m);
  }
});

test('the long table has versions, memory against the prediction, distances and speeds', () => {
  const text = formatResults(results);
  assert.match(text, '- ed2lc: our version\n- label of torch-eager-nchw: version of torch-eager-nchw\n');
  assert.equal(rowOf(text, 'ed2lc'), ['700', '100', '510', '500']);
  assert.match(text, '| label of torch-eager-nchw | 1.0e-4 (1.0e-3) | 2.0e-3 (1.0e-2) |');
  const [, , , theirs, ours] = rowOf(text, 'convolution 3×3');
  assert.equal([theirs, ours], ['100', '200']);
  assert.equal(rowOf(text, 'batch norm').slice(2), ['**0.50** (0.50–0.50)', '', '']);
});

test.run();
