/** @file How a cross-validation goes: a line for each event, and on a terminal one line that is redrawn. */
import type { CoordinateListener, Job, Standing } from '../../runtime/index.js';
import { percent } from '../../runtime/evaluation/metrics.js';
import { accuracyOf } from '../../runtime/evaluation/evaluate.js';
import type { Console } from '../console.js';
import { describeTask } from '../judgement.js';
import { duration, type Progress } from '../progress.js';

/** `nameOf`: of the experiment in a run directory; `total`: trainings of all experiments. */
export function watch(
  console: Console,
  progress: Progress,
  nameOf: (directory: string) => string,
  total: number,
): CoordinateListener {
  const notes = new Set<string>();
  const width = String(total).length;
  const tell = ({ number, directory, task }: Job, text: string): void => {
    progress.clear();
    const place = `[${String(number).padStart(width)}/${total}]`;
    console.say(`${place} ${nameOf(directory)}, ${describeTask(task)}: ${text}`);
  };
  return {
    started: (job) => tell(job, 'started'),
    done: (job, { decisions, seconds }, standing) => {
      const worth = decisions.length > 0 ? `${percent(accuracyOf(decisions).accuracy)}, ` : '';
      tell(job, `${worth}trained for ${duration(seconds)}; ${counts(standing)}`);
    },
    failed: (job, why) => tell(job, `failed: ${why}`),
    elsewhere: (job) => tell(job, 'another process is at it'),
    note: (job, text) => {
      if (notes.has(text)) return;
      notes.add(text);
      tell(job, `note: ${text}`);
    },
    changed: (standing) => {
      const { running, elsewhere } = standing;
      const at = running.map(({ job, place }) => {
        const where = place ? `${place.epoch}/${place.epochs}` : '0';
        return `${job.number} (epoch ${where})`;
      });
      const others = elsewhere > 0 ? [`${elsewhere} elsewhere`] : [];
      progress.line([counts(standing), ...others, `running: ${at.join(', ') || 'none'}`].join('; '));
    },
  };
}

function counts({ planned, done, failed, elsewhere, jobs, meanSeconds }: Standing): string {
  const rest = planned - done - failed - elsewhere;
  const left = meanSeconds * Math.ceil(rest / jobs);
  return [
    `${done} of ${planned} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(rest > 0 && Number.isFinite(left) ? [`about ${duration(left)} left`] : []),
  ].join(', ');
}
