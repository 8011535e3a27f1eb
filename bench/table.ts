/** @file Results as Markdown: what the README shows between its marks, and what a run prints. */
import type { Agreement } from './agreement.js';
import type { BatchResults, Memory, PeerResults, Results, Scenario } from './results.js';
import type { Summary } from './statistics.js';

export const SCENARIOS: readonly { readonly scenario: Scenario; readonly title: string }[] = [
  { scenario: 'step', title: 'step' },
  { scenario: 'backward', title: 'without optimizer' },
  { scenario: 'inference', title: 'inference' },
  { scenario: 'contended', title: 'step beside a busy process' },
];

const digits = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
const range = ({ median, min, max }: Summary): string => `${digits(median)} (${digits(min)}–${digits(max)})`;
const ratio = ({ median, min, max }: Summary): string =>
  `**${median.toFixed(2)}** (${min.toFixed(2)}–${max.toFixed(2)})`;
const mega = (bytes: number): string => `${(bytes / 1e6).toFixed(0)}`;
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), `|${head.map((_, i) => (i === 0 ? '---' : '--:')).join('|')}|`, ...rows.map(row)].join('\n');

/** Where, what against what, and who was absent. */
export function formatResults(results: Results): string {
  const { machine, engine, threads, at, batches, absent } = results;
  const where = `${machine.cpu}, ${machine.cores} cores, ${machine.system}; engine \`${engine}\`, ${threads} threads; ${at.slice(0, 10)}, load before it ${machine.load.toFixed(1)}.`;
  const missing = absent.map(
    ({ label, reason, install }) => `Not measured: ${label} (${reason}). \`${install}\` installs it.`,
  );
  return [where, ...batches.map(formatBatch), ...missing].join('\n\n');
}

function formatBatch(results: BatchResults): string {
  const { batch, peers, kernels } = results;
  const shown = SCENARIOS.filter(({ scenario }) => peers.some(({ times }) => times[scenario]));
  const times = shown.map(({ scenario, title }) => {
    const rows = peers.flatMap((peer) => {
      const found = peer.times[scenario];
      return found ? [[peer.label, range(found.theirs), range(found.ours), ratio(found.ratio)]] : [];
    });
    return table([`batch ${batch}, ${title}`, 'ms', 'ed2lc, ms', 'times as long'], rows);
  });
  const ours = { label: 'ed2lc', ...results.ours };
  const memory = table(
    [`batch ${batch}`, 'peak, MB', 'of it before there was a network', 'losses differ by', 'gradients by'],
    [
      [...memoryCells(ours), '', ''],
      ...peers.map((peer) => [...memoryCells(peer), ...agreementCells(peer.agreement)]),
    ],
  );
  const single = table(
    [`batch ${batch}, single kernel`, 'PyTorch, ms', 'ed2lc, ms', 'times as long'],
    kernels.map((kernel) => [kernel.name, range(kernel.theirs), range(kernel.ours), ratio(kernel.ratio)]),
  );
  return [...times, memory, ...(kernels.length > 0 ? [single] : [])].join('\n\n');
}

const memoryCells = ({ label, peak, start }: Memory & Pick<PeerResults, 'label'>): string[] => [
  label,
  mega(peak),
  mega(start),
];

const agreementCells = ({ losses, gradients, allowed, objection }: Agreement): string[] =>
  objection
    ? [objection, '']
    : [
        `${losses.toExponential(1)} of ${allowed.losses.toExponential(1)}`,
        `${gradients.toExponential(1)} of ${allowed.gradients.toExponential(1)}`,
      ];
