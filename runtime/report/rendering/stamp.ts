/** @file What must be said wherever numbers of a report are shown. */
import type { ReportData, RunReport } from '../report-data.js';

export const REHEARSAL = 'rehearsal, not evidence';
export const SYNTHETIC = 'synthetic faces';

/** null: nothing. */
export function stampOf(
  { rehearsal }: Pick<ReportData, 'rehearsal'>,
  runs: readonly Pick<RunReport, 'synthetic'>[],
): string | null {
  const parts = [
    ...(rehearsal ? [REHEARSAL] : []),
    ...(runs.some((run) => run.synthetic) ? [SYNTHETIC] : []),
  ];
  return parts.length === 0 ? null : parts.join(' · ');
}
