/** @file What a piece of work costs this process, whatever else the machine does: limits in tests are on this, not on the clock. */

/** Milliseconds of processor time since it was made, of all threads of this process. */
export function processorTime(): () => number {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
}
