/** @file Progress of preparing and training: one redrawn line on a terminal, plain lines elsewhere. */
import type { EpochSummary, IterationProgress } from '../runtime/training/train.js';
import type { Console } from './console.js';

export type ProgressStyle = 'auto' | 'bar' | 'plain' | 'none';

const ERASE = '\r\u001b[2K';
/** Redraws per second that a person can follow. */
const REDRAW_MS = 100;
/** Plain lines come at the end of epochs, and this often within a long one. */
const PLAIN_MS = 30_000;
const BAR_WIDTH = 20;

export class Progress {
  readonly #style: Exclude<ProgressStyle, 'auto'>;
  #drawn = false;
  #last = 0;

  constructor(
    readonly console: Console,
    style: ProgressStyle,
  ) {
    if (console.quiet) this.#style = 'none';
    else if (style !== 'auto') this.#style = style;
    else this.#style = console.interactive ? 'bar' : 'plain';
  }

  preparing(name: string, done: number, total: number): void {
    if (this.#style === 'bar' && (done === total || this.#due(REDRAW_MS)))
      this.#draw(`preparing ${name}  ${bar(done / total)}  ${done}/${total}`);
    if (done === total) this.clear();
  }

  iteration(progress: IterationProgress): void {
    const { epoch, epochs, iteration, iterations, measured, imagesPerSecond, secondsLeft } = progress;
    const place = `epoch ${epoch + 1}/${epochs}`;
    const speed = `${imagesPerSecond.toFixed(0)} images/s, ${duration(secondsLeft)} left`;
    if (this.#style === 'bar' && this.#due(REDRAW_MS))
      this.#draw(`${place}  ${bar((iteration + 1) / iterations)}  ${numbers(measured)}  ${speed}`);
    else if (this.#style === 'plain' && this.#due(PLAIN_MS))
      this.console.say(`${place}  iteration ${iteration + 1}/${iterations}  ${numbers(measured)}  ${speed}`);
  }

  epoch({ epoch, epochs, measured, imagesPerSecond, secondsLeft }: EpochSummary): void {
    if (this.#style === 'none') return;
    this.clear();
    this.#last = performance.now();
    this.console.say(
      `epoch ${epoch + 1}/${epochs}  ${numbers(measured)}  ${imagesPerSecond.toFixed(0)} images/s, ${duration(secondsLeft)} left`,
    );
  }

  /** Any text, where a line can be redrawn. */
  line(text: string): void {
    if (this.#style === 'bar' && this.#due(REDRAW_MS)) this.#draw(text);
  }

  /** Takes the redrawn line away, so that other text can follow. */
  clear(): void {
    if (this.#drawn) this.console.stderr.write(ERASE);
    this.#drawn = false;
  }

  #due(interval: number): boolean {
    const now = performance.now();
    if (this.#last === 0 && interval === PLAIN_MS) this.#last = now;
    if (now - this.#last < interval) return false;
    this.#last = now;
    return true;
  }

  #draw(text: string): void {
    const width = this.console.stderr.columns || 80;
    this.console.stderr.write(`${ERASE}${text.slice(0, width - 1)}`);
    this.#drawn = true;
  }
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, share) * BAR_WIDTH);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}]`;
}

const numbers = (measured: Readonly<Record<string, number>>): string =>
  Object.entries(measured)
    .map(([name, value]) => `${name} ${value.toPrecision(4)}`)
    .join('  ');

export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (h > 0) return `${h} h ${String(m).padStart(2, '0')} min`;
  return m > 0 ? `${m} min ${String(s).padStart(2, '0')} s` : `${s} s`;
}
