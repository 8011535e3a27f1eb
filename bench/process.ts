/** @file A participant as its driver sees it: a child process that is stopped while it is not asked, so that its threads take nothing from another's time. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import type { Answers, Hello, Refusal, Request } from './protocol.js';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A participant that cannot be started or does not answer; the message ends with its own last words. */
export class ParticipantError extends Error {
  constructor(
    message: string,
    readonly of?: ParticipantProcess,
  ) {
    super(message);
  }
}

/** For what a participant says as it ends. */
const LAST_WORDS_MS = 1000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class ParticipantProcess {
  /** Lines of standard output not asked for yet. */
  readonly #answers: AsyncIterator<string>;
  readonly #child: ChildProcess;
  /** Until it has ended and all that it said is here. */
  readonly #closed: Promise<unknown>;
  #complaint = '';
  #hello: Hello | undefined;

  private constructor(command: Command) {
    this.#child = spawn(command.file, command.args, { env: { ...process.env, ...command.env } });
    running.add(this.#child);
    const lines = createInterface({ input: this.#child.stdout! });
    this.#answers = lines[Symbol.asyncIterator]();
    this.#child.stderr!.on('data', (text: Buffer) => {
      this.#complaint = (this.#complaint + text.toString()).slice(-2000);
    });
    this.#child.on('error', (error) => {
      this.#complaint = error.message;
      lines.close();
    });
    this.#child.stdin!.on('error', () => undefined);
    this.#child.on('exit', () => running.delete(this.#child));
    this.#closed = new Promise((done) => this.#child.once('close', done));
  }

  /** Waits until the participant is ready. Throws ParticipantError. */
  static async start(command: Command): Promise<ParticipantProcess> {
    const started = new ParticipantProcess(command);
    started.#hello = await started.#next<Hello>();
    started.#child.kill('SIGSTOP');
    return started;
  }

  get hello(): Hello {
    return this.#hello!;
  }

  /** Throws ParticipantError where the participant refuses. */
  async ask<T extends Request>(request: T): Promise<Answers[T['do']]> {
    this.#child.kill('SIGCONT');
    this.#child.stdin!.write(`${JSON.stringify(request)}\n`);
    try {
      return await this.#next<Answers[T['do']]>();
    } finally {
      this.#child.kill('SIGSTOP');
    }
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }

  async #next<T extends object>(): Promise<T> {
    const { value, done } = await this.#answers.next();
    if (done) {
      await Promise.race([this.#closed, setTimeout(LAST_WORDS_MS)]);
      throw new ParticipantError(`it ended: ${lastLine(this.#complaint)}`, this);
    }
    const answer = JSON.parse(value) as T | Refusal;
    if ('error' in answer) throw new ParticipantError(answer.error, this);
    return answer;
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) || 'without a word';
