/** @file Random streams keyed by what they are for, so that no draw depends on the order of other draws. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** A reproducible source of numbers; equal keys give equal sequences on every platform. */
export interface Random {
  /** Uniform in [from, to); [0, 1) by default. */
  uniform(from?: number, to?: number): number;
  /** Normal, cut at 2.5 standard deviations (outliers are drawn again). */
  normal(mean: number, sd: number): number;
  /** Uniform integer in [0, count). */
  below(count: number): number;
  /** 32 random bits. */
  bits(): number;
  chance(probability: number): boolean;
  /** Fisher-Yates, in place. */
  shuffle<T extends Int32Array | unknown[]>(values: T): T;
}

/** A generator whose state is a hash of the keys: `random('fold', seed)`. */
export function random(...keys: readonly (string | number)[]): Random {
  const generator = xoroshiro128plusFromState(hash128(keys.join('/')));
  const uniform = (from = 0, to = 1): number => from + (to - from) * uniformFloat64(generator);
  const below = (count: number): number => uniformInt(generator, 0, count - 1);
  return {
    uniform,
    below,
    bits: () => generator.next(),
    chance: (probability) => uniform() < probability,
    normal(mean, sd) {
      for (;;) {
        const z = Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
        if (Math.abs(z) <= 2.5) return mean + sd * z;
      }
    },
    shuffle(values) {
      for (let i = values.length - 1; i > 0; i--) {
        const j = below(i + 1);
        const kept = values[i];
        values[i] = values[j]!;
        values[j] = kept!;
      }
      return values;
    },
  };
}

/** Four independently mixed 32-bit hashes (FNV-1a with a murmur finalizer). */
function hash128(text: string): number[] {
  return [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35].map((basis) => {
    let h = basis | 0;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return h ^ (h >>> 16);
  });
}
