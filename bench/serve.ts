/** @file A participant as a process: answers the driver's requests one by one, and sleeps in between. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { saveParameters } from '../runtime/index.js';
import type { Participant } from './participant.js';
import type { Answers, Hello, Refusal, Request } from './protocol.js';

/** Most bytes of this process that were in memory at once. */
export function peakMemory(): number {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))!;
    return Number(kib) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

/** Opens the participant and serves it until standard input ends. A request that fails is answered with a refusal. */
export async function serve(open: () => Promise<Participant>): Promise<void> {
  const say = (answer: object): void => void process.stdout.write(`${JSON.stringify(answer)}\n`);
  const refusal = (error: unknown): Refusal => ({
    error: error instanceof Error ? error.message : String(error),
  });
  // Standard output is for answers alone.
  console.log = console.info = console.error;
  const start = peakMemory();
  let participant: Participant;
  try {
    participant = await open();
  } catch (error) {
    say(refusal(error));
    return;
  }
  const { about, threads, predicted } = participant;
  say({ about, threads, start, ...(predicted !== undefined && { predicted }) } satisfies Hello);
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      say(await answer(participant, JSON.parse(line) as Request));
    } catch (error) {
      say(refusal(error));
    }
  }
}

async function answer(participant: Participant, request: Request): Promise<Answers[keyof Answers]> {
  switch (request.do) {
    case 'predictions':
      return { predictions: [...participant.predictions()] };
    case 'gradients':
      await saveParameters(request.path, participant.gradients());
      return {};
    case 'losses':
      return { losses: Array.from({ length: request.steps }, () => participant.step()) };
    case 'memory': {
      const tensors = participant.tensors?.();
      return { peak: peakMemory(), ...(tensors !== undefined && { tensors }) };
    }
    case 'kernel':
      if (!participant.kernel) throw new Error('this participant has no single kernels');
      return { ms: timed(request.times, () => participant.kernel!(request.kernel)) };
    default:
      return { ms: timed(request.times, () => void participant[request.do]()) };
  }
}

function timed(times: number, run: () => void): number[] {
  return Array.from({ length: times }, () => {
    const started = performance.now();
    run();
    return performance.now() - started;
  });
}
