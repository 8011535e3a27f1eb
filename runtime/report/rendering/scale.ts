/** @file Linear scales and their round ticks. */

export interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
}

/** Values `from`…`to` on coordinates `start`…`end`. Equal values are widened, so that there is a scale. */
export function scale(from: number, to: number, start: number, end: number, wanted = 4): Scale {
  const [low, high] = from < to ? [from, to] : [from - 0.5, to + 0.5];
  const place = (value: number): number => start + ((value - low) / (high - low)) * (end - start);
  return Object.assign(place, { ticks: ticks(low, high, wanted) });
}

/** Multiples of 1, 2 or 5 times a power of ten within the range, about as many as are wanted. */
function ticks(low: number, high: number, wanted: number): number[] {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (rough >= 7 * power ? 10 : rough >= 3.2 * power ? 5 : rough >= 1.4 * power ? 2 : 1);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
