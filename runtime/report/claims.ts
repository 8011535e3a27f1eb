/** @file What must hold where expression and person are told apart, as inequalities between probes of one kind (means over seeds). A failed one is a result. */
import { meanOf } from '../evaluation/summary.js';
import { togetherName } from './probe-sources.js';
import type { ProbeKind, ProbeRow, RunReport } from './report-data.js';

export interface Claim {
  readonly run: string;
  readonly text: string;
  readonly kind: ProbeKind;
  readonly left: number;
  readonly right: number;
  readonly holds: boolean;
  /** Of how many seeds, where both sides have the same ones; null: they have not. */
  readonly seeds: readonly [holding: number, of: number] | null;
}

/** `expression`: the label that is judged is the only one that is neither the person nor a field, so it is given. */
export function claimsOf(runs: readonly RunReport[], expression: (run: RunReport) => string | null): Claim[] {
  return runs
    .filter((run) => run.network === 'ed2l' && run.probes !== null)
    .flatMap((run) => {
      const label = expression(run);
      if (label === null) return [];
      const kinds = [...new Set(run.probes!.rows.map((row) => row.kind))];
      return kinds.flatMap((kind) => ofRun(run, runs, label, kind));
    });
}

type Series = readonly number[] | undefined;

function ofRun(run: RunReport, runs: readonly RunReport[], label: string, kind: ProbeKind): Claim[] {
  const row = (of: RunReport, features: string, about: string): ProbeRow | undefined =>
    of.probes?.rows.find((r) => r.features === features && r.label === about && r.kind === kind);
  const f_t = row(run, 'f_t', label);
  const f_p = row(run, 'f_p', label);
  const both = row(run, togetherName('f_t', 'f_p'), label) ?? row(run, togetherName('f_p', 'f_t'), label);
  const data = run.stages.at(-1)!.data;
  const baselines = runs.filter(
    (other) => other.network === 'baseline' && other.stages.at(-1)!.data === data,
  );
  const less = (text: string, left: Series, right: Series, orEqual = false): Claim[] =>
    left && right && left.length > 0 && right.length > 0
      ? [{ run: run.name, text, kind, ...compared(left, right, orEqual) }]
      : [];
  return [
    ...less(`${label} from f_p < from the same branch untrained`, f_p?.accuracy, f_p?.untrained),
    ...less(
      'person from f_t < from f_p',
      row(run, 'f_t', 'subject')?.accuracy,
      row(run, 'f_p', 'subject')?.accuracy,
    ),
    ...less(`${label} from f_t ≤ from f_t and f_p`, f_t?.accuracy, both?.accuracy, true),
    ...baselines.flatMap((baseline) => {
      const other = row(baseline, 'f_t', label)?.accuracy;
      return [
        ...less(`${label} from f_t of ${baseline.name} ≤ from f_t`, other, f_t?.accuracy, true),
        ...less(`${label} from f_p < from f_t of ${baseline.name}`, f_p?.accuracy, other),
      ];
    }),
  ];
}

function compared(
  left: readonly number[],
  right: readonly number[],
  orEqual: boolean,
): Pick<Claim, 'left' | 'right' | 'holds' | 'seeds'> {
  const holds = (a: number, b: number): boolean => (orEqual ? a <= b : a < b);
  const [a, b] = [meanOf(left), meanOf(right)];
  return {
    left: a,
    right: b,
    holds: holds(a, b),
    seeds:
      left.length === right.length ? [left.filter((v, i) => holds(v, right[i]!)).length, left.length] : null,
  };
}
