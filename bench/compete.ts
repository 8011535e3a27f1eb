/** @file The benchmark at one batch size: everyone starts from the same files, shows that it computes the same, and is timed against us. */
import { join } from 'node:path';
import { loadParameters } from '../runtime/index.js';
import { agreement, allowance, STEPS, type Computed } from './agreement.js';
import { nameOf, type Kernel } from './kernels.js';
import { besideBusyProcess, measurePairs } from './measure.js';
import { OURS, REFERENCES, type Entry, type Settings } from './participants.js';
import { ParticipantError, ParticipantProcess } from './process.js';
import type { Absent, BatchResults, KernelResults, Memory, PeerResults, Scenario } from './results.js';
import { compare, type Compared } from './statistics.js';

export interface Plan {
  readonly settings: Settings;
  readonly peers: readonly Entry[];
  readonly pairs: number;
  readonly scenarios: readonly Scenario[];
  /** Pairs per kernel; 0 measures none. */
  readonly kernelPairs: number;
  readonly tell: (line: string) => void;
}

export interface Outcome {
  readonly results: BatchResults;
  readonly absent: readonly Absent[];
}

interface Introduced {
  readonly process: ParticipantProcess;
  readonly computed: Computed;
  readonly memory: Memory;
}

/** `folder`: as `writeProblem` left it. Throws ParticipantError when our own graph does not run. */
export async function compete(
  folder: string,
  batch: number,
  kernels: readonly Kernel[],
  plan: Plan,
): Promise<Outcome> {
  const { tell } = plan;
  let { settings } = plan;
  const absent: Absent[] = [];
  const isAbsent = ({ label }: Entry, error: unknown, install?: string): void => {
    if (!(error instanceof ParticipantError)) throw error;
    tell(`batch ${batch}: ${label} is not measured: ${error.message}`);
    absent.push({ label, batches: [batch], reason: error.message, ...(install && { install }) });
  };
  const open: ParticipantProcess[] = [];
  const introduce = async (entry: Entry): Promise<Introduced | undefined> => {
    tell(`batch ${batch}: ${entry.label} starts`);
    // What starts is installed; why it fails later is another matter.
    let install: string | undefined = entry.install;
    try {
      const reason = entry.missing?.(settings);
      if (reason) throw new ParticipantError(reason);
      const started = await ParticipantProcess.start(entry.command(folder, settings));
      open.push(started);
      install = undefined;
      const { threads } = started.hello;
      if (entry !== OURS && threads !== settings.threads)
        throw new ParticipantError(`it computes with ${threads} threads, ed2lc with ${settings.threads}`);
      return await introduced(started, folder);
    } catch (error) {
      if (entry === OURS) throw error;
      isAbsent(entry, error, install);
      return undefined;
    }
  };
  try {
    const ours = (await introduce(OURS))!;
    // Fewer than wanted where the engine has no more.
    settings = { ...settings, threads: ours.process.hello.threads };
    const formats = new Map<Entry, Introduced | undefined>();
    for (const entry of REFERENCES)
      if (plan.peers.includes(entry)) formats.set(entry, await introduce(entry));
    const known = [...formats.values()].filter((format) => format !== undefined);
    const allowed = allowance(known.map(({ computed }) => computed));
    const peers: PeerResults[] = [];
    let singles: readonly KernelResults[] = [];
    for (const entry of plan.peers) {
      const theirs = formats.has(entry) ? formats.get(entry) : await introduce(entry);
      if (!theirs) continue;
      const agreed = agreement(theirs.computed, ours.computed, allowed);
      tell(
        `batch ${batch}: ${entry.label} ${agreed.objection ? `is not timed: ${agreed.objection}` : 'agrees'}`,
      );
      try {
        const times = agreed.objection ? {} : await timesOf(ours.process, theirs.process, entry, plan);
        if (formats.has(entry) && singles.length === 0 && plan.kernelPairs > 0)
          singles = await kernelTimes(ours.process, theirs.process, kernels, plan.kernelPairs);
        peers.push({ name: entry.name, label: entry.label, ...theirs.memory, agreement: agreed, times });
      } catch (error) {
        if (error instanceof ParticipantError && error.of === ours.process) throw error;
        isAbsent(entry, error);
      }
      theirs.process.end();
    }
    return {
      results: { batch, threads: settings.threads, ours: ours.memory, peers, kernels: singles },
      absent,
    };
  } finally {
    for (const each of open) each.end();
  }
}

/** Memory is asked for before anything but training steps has needed some. */
async function introduced(process: ParticipantProcess, folder: string): Promise<Introduced> {
  const { about, start, predicted } = process.hello;
  const { losses } = await process.ask({ do: 'losses', steps: STEPS });
  const { peak, tensors } = await process.ask({ do: 'memory' });
  const path = join(folder, 'gradients.safetensors');
  await process.ask({ do: 'gradients', path });
  const gradients = await loadParameters(path);
  const { predictions } = await process.ask({ do: 'predictions' });
  return {
    process,
    computed: { losses, gradients, predictions },
    memory: {
      about,
      peak,
      start,
      ...(predicted !== undefined && { predicted }),
      ...(tensors !== undefined && { tensors }),
    },
  };
}

async function timesOf(
  ours: ParticipantProcess,
  theirs: ParticipantProcess,
  { contended }: Entry,
  { scenarios, pairs }: Plan,
): Promise<PeerResults['times']> {
  const times: Partial<Record<Scenario, Compared>> = {};
  for (const scenario of scenarios) {
    if (scenario === 'contended' && !contended) continue;
    times[scenario] = compare(
      scenario === 'contended'
        ? await besideBusyProcess(() => measurePairs(ours, theirs, { do: 'step' }, pairs))
        : await measurePairs(ours, theirs, { do: scenario }, pairs),
    );
  }
  return times;
}

/** PyTorch's kernels in the memory format that suits each best. */
async function kernelTimes(
  ours: ParticipantProcess,
  theirs: ParticipantProcess,
  kernels: readonly Kernel[],
  pairs: number,
): Promise<KernelResults[]> {
  const found: KernelResults[] = [];
  for (const [kernel, described] of kernels.entries()) {
    let best: (Compared & { readonly form: string }) | undefined;
    for (const form of ['nchw', 'channels_last']) {
      const question = { do: 'kernel', kernel } as const;
      const compared = compare(await measurePairs(ours, theirs, question, pairs, { ...question, form }));
      if (!best || compared.theirs.median < best.theirs.median) best = { ...compared, form };
    }
    found.push({ name: nameOf(described), flops: described.flops, ...best! });
  }
  return found;
}
