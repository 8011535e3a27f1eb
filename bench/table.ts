/** @file Results as Markdown: the README's short table, and everything, which docs/bench.md shows and a run prints. */
import type { Agreement } from './agreement.js';
import type { BatchResults, KernelResults, Memory, PeerResults, Results, Scenario } from './results.js';
import { median, type Compared, type Summary } from './statistics.js';

const SCENARIOS: readonly { readonly scenario: Scenario; readonly title: string }[] = [
  { scenario: 'step', title: 'step' },
  { scenario: 'backward', title: 'step without the optimizer' },
  { scenario: 'inference', title: 'inference' },
  { scenario: 'contended', title: 'step beside a busy process' },
];

/** Columns of the short table. Of several peers the one that is fastest there stands for all. */
const SHORT: readonly { readonly label: string; readonly of: RegExp }[] = [
  { label: 'PyTorch, eager', of: /^torch-eager-/ },
  { label: 'PyTorch, `torch.compile`', of: /^torch-compiled-/ },
  { label: 'tfjs layers', of: /^tfjs-layers$/ },
  { label: 'tfjs core', of: /^tfjs-core$/ },
  { label: 'a backward pass per loss', of: /^pruned$/ },
];

const digits = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
const range = ({ median, min, max }: Summary): string => `${digits(median)} (${digits(min)}–${digits(max)})`;
const ratio = ({ median, min, max }: Summary): string =>
  `**${median.toFixed(2)}** (${min.toFixed(2)}–${max.toFixed(2)})`;
const mega = (bytes: number | undefined): string => (bytes === undefined ? '' : (bytes / 1e6).toFixed(0));
const peakOf = ({ peak, start }: Memory): string => `${mega(peak)} (${mega(start)})`;
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), `|${head.map((_, i) => (i === 0 ? '---' : '--:')).join('|')}|`, ...rows.map(row)].join('\n');
const count = (n: number, thing: string): string => `${n} ${thing}${n === 1 ? '' : 's'}`;

/** A line for each thing that is measured. */
export function formatShort(results: Results): string {
  const among = (peers: readonly PeerResults[], { of }: (typeof SHORT)[number]): PeerResults[] =>
    peers.filter(({ name, times }) => of.test(name) && times.step);
  const kinds = SHORT.filter((kind) => results.batches.some(({ peers }) => among(peers, kind).length > 0));
  const lines = results.batches.flatMap((each) => {
    const times = shown(each).map(({ scenario, title }) => {
      const ours = each.peers.flatMap(({ times }) => times[scenario]?.ours.median ?? []);
      const theirs = kinds.map((kind) => {
        const best = fastest(among(each.peers, kind), scenario);
        return best ? ratio(best.ratio) : '';
      });
      return [`batch ${each.batch}, ${title}`, `${digits(median(ours))} ms`, ...theirs];
    });
    const memory = kinds.map((kind) => {
      const [least] = among(each.peers, kind).sort((a, b) => a.peak - b.peak);
      return least ? peakOf(least) : '';
    });
    return [...times, [`batch ${each.batch}, peak memory in MB`, peakOf(each.ours), ...memory]];
  });
  return [
    `${where(results)} How many times as long as ed2lc the others take: the median over pairs of times (range). Of the memory, what was there before a network was is in brackets.`,
    table(['', 'ed2lc', ...kinds.map(({ label }) => label)], lines),
    ...missing(results),
  ].join('\n\n');
}

/** Where, what against what, and who was absent. */
export function formatResults(results: Results): string {
  const versions = new Map(
    results.batches.flatMap(({ ours, peers }) => [
      ['ed2lc', ours.about] as const,
      ...peers.map(({ label, about }) => [label, about] as const),
    ]),
  );
  return [
    where(results),
    [...versions].map(([label, about]) => `- ${label}: ${about}`).join('\n'),
    ...results.batches.map(formatBatch),
    ...missing(results),
  ].join('\n\n');
}

function where({ machine, engine, batches, at }: Results): string {
  const { cpu, cores, avx512, memory, system, load } = machine;
  const vectors = avx512 === undefined ? '' : avx512 ? ' with AVX-512' : ' without AVX-512';
  const found = `${cpu}${vectors}, ${count(cores, 'core')}, ${(memory / 2 ** 30).toFixed(0)} GiB, ${system}`;
  return `${found}; engine \`${engine}\`, ${count(batches[0]!.threads, 'thread')} for everyone; ${at.slice(0, 10)}, load before it ${load.toFixed(1)}.`;
}

const missing = ({ absent }: Results): string[] =>
  absent.map(({ label, batches, reason, install }) =>
    [
      `Not measured: ${label}, at batch ${batches.join(' and ')}: ${reason}.`,
      ...(install ? [`To install it: \`${install}\`.`] : []),
    ].join(' '),
  );

const shown = ({ peers }: BatchResults): typeof SCENARIOS =>
  SCENARIOS.filter(({ scenario }) => peers.some(({ times }) => times[scenario]));

function fastest(peers: readonly PeerResults[], scenario: Scenario): Compared | undefined {
  const found = peers.flatMap(({ times }) => times[scenario] ?? []);
  return found.sort((a, b) => a.ratio.median - b.ratio.median)[0];
}

function formatBatch(results: BatchResults): string {
  const { batch, peers, kernels } = results;
  const times = shown(results).map(({ scenario, title }) => {
    const rows = peers.flatMap(({ label, times }) => {
      const found = times[scenario];
      return found
        ? [[label, range(found.theirs), range(found.ours), ratio(found.ratio), `${found.pairs}`]]
        : [];
    });
    return table([`batch ${batch}, ${title}`, 'ms', 'ed2lc, ms', 'times as long', 'pairs'], rows);
  });
  const memory = table(
    [
      `batch ${batch}, memory in MB`,
      'peak',
      'before there was a network',
      'most in tensors',
      'the plan’s prediction',
    ],
    [{ label: 'ed2lc', ...results.ours }, ...peers].map(memoryCells),
  );
  const agreed = table(
    [`batch ${batch}, distance from ed2lc (allowed)`, 'losses of six steps', 'gradients'],
    peers.map(({ label, agreement }) => [label, ...agreementCells(agreement)]),
  );
  const head = [
    `batch ${batch}, single kernel`,
    'PyTorch, ms',
    'ed2lc, ms',
    'times as long',
    'PyTorch, GF/s',
    'ed2lc, GF/s',
  ];
  const single = kernels.length > 0 ? [table(head, kernels.map(kernelCells))] : [];
  return [...times, memory, agreed, ...single].join('\n\n');
}

const memoryCells = ({
  label,
  peak,
  start,
  tensors,
  predicted,
}: Memory & Pick<PeerResults, 'label'>): string[] => [label, ...[peak, start, tensors, predicted].map(mega)];

const agreementCells = ({ losses, gradients, allowed, objection }: Agreement): string[] =>
  objection
    ? [`not timed: ${objection}`, '']
    : [
        `${losses.toExponential(1)} (${allowed.losses.toExponential(1)})`,
        `${gradients.toExponential(1)} (${allowed.gradients.toExponential(1)})`,
      ];

/** What is bound by memory has no speed worth the name. */
function kernelCells({ name, flops, theirs, ours, ratio: times }: KernelResults): string[] {
  const speed = (ms: number): string => (name.startsWith('convolution') ? (flops / ms / 1e6).toFixed(0) : '');
  return [name, range(theirs), range(ours), ratio(times), speed(theirs.median), speed(ours.median)];
}
