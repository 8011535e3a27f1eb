/** @file What counts as a second signal: not the echo that npm makes of a Ctrl-C. */
import { setTimeout } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Console } from '../../cli/console.js';
import { listenForInterrupt } from '../../cli/interrupt.js';

class SilentConsole extends Console {
  override complain(): void {}
}

/** The codes with which the process would have ended, after these signals and pauses (ms). */
async function exitsAfter(...events: readonly (NodeJS.Signals | number)[]): Promise<unknown[]> {
  const { exit } = process;
  const exits: unknown[] = [];
  process.exit = ((code: unknown) => exits.push(code)) as unknown as typeof exit;
  const interrupt = listenForInterrupt(new SilentConsole(), () => {});
  try {
    interrupt.begin();
    for (const event of events) {
      if (typeof event === 'number') await setTimeout(event);
      else process.emit(event, event);
    }
    assert.ok(interrupt.signal.aborted);
    return exits;
  } finally {
    interrupt.release();
    process.exit = exit;
  }
}

test('the same signal twice at once is one; later, or another one, it ends at once', async () => {
  assert.equal(await exitsAfter('SIGINT'), []);
  assert.equal(await exitsAfter('SIGINT', 'SIGINT'), []);
  assert.equal(await exitsAfter('SIGINT', 'SIGTERM'), [143]);
  assert.equal(await exitsAfter('SIGINT', 'SIGINT', 300, 'SIGINT'), [130]);
});

test.run();
