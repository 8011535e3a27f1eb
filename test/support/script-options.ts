/** @file Options of the scripts under test/: a wrong one is answered in one line and with exit code 2, `--help` with how it is used. */
import { parseArgs, type ParseArgsConfig } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;
type Values<T extends Options> = ReturnType<typeof parseArgs<{ options: T }>>['values'];

/** @param usage such as `npm run fuzz -- [--minutes N]`. */
export function scriptOptions<T extends Options>(usage: string, options: T): Values<T> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`usage: ${usage}\n`);
    process.exit(0);
  }
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    // What follows the first sentence is about Node's own conventions.
    return wrongOption(usage, (error as Error).message.split('. ')[0]!.replace(/\.$/, ''));
  }
}

/** For values that the options themselves do not rule out. */
export function wrongOption(usage: string, why: string): never {
  process.stderr.write(`error: ${why}; usage: ${usage}\n`);
  process.exit(2);
}
