/** @file What a test file cannot run here, said in a form that `test/run.ts` collects. */
export const SKIPPED = 'skipped: ';

export const skip = (what: string, why: string): void =>
  void process.stdout.write(`${SKIPPED}${what}: ${why}\n`);
