/** @file What the command line writes: data to standard output, everything else to standard error, colour only where it is seen. */

export type ColorChoice = 'auto' | 'always' | 'never';

export class Console {
  color: ColorChoice = 'auto';
  quiet = false;
  verbose = false;

  constructor(
    readonly stdout: NodeJS.WriteStream = process.stdout,
    readonly stderr: NodeJS.WriteStream = process.stderr,
    readonly environment: NodeJS.ProcessEnv = process.env,
  ) {}

  /** Data: what a pipe gets. */
  out(text: string): void {
    this.stdout.write(ended(text));
  }

  /** A word to the person, unless quiet. */
  say(text: string): void {
    if (!this.quiet) this.stderr.write(ended(text));
  }

  /** Details for those who ask with -v. */
  detail(text: string): void {
    if (this.verbose) this.say(text);
  }

  /** What went wrong, in any case. */
  complain(text: string): void {
    this.stderr.write(ended(text));
  }

  /** https://no-color.org, and the wishes of the command line above it. */
  colored(stream: NodeJS.WriteStream): boolean {
    const { NO_COLOR, FORCE_COLOR, TERM } = this.environment;
    if (this.color !== 'auto') return this.color === 'always';
    if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
    if (FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0') return true;
    return stream.isTTY === true && TERM !== 'dumb';
  }

  /** Lines can be redrawn: a terminal, and nobody records it. */
  get interactive(): boolean {
    const { CI, TERM } = this.environment;
    return this.stderr.isTTY === true && TERM !== 'dumb' && (CI === undefined || CI === '');
  }
}

const ended = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
