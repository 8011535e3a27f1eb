/**
 * @file Which action units show which expression, how strongly and how often.
 * Sources: the Ekman & Friesen prototypes as tabulated at dgps.de/fachgruppen/methoden/mpr-online/issue4/art3/node4.html
 * (joy 6+12+25, sadness 1+4+15, disgust 10+17+4, anger 4+5+7+24, surprise 1+2+5+26, fear 1+2+4+5+20+25);
 * the EMFACS list (happiness 6+12, fear 1+2+4+5+20+26, anger 4+5+7+23, disgust 9+15+16, contempt R12+R14);
 * frequencies after Du, Tao & Martinez, PNAS 111:E1454 (2014).
 */
import type { Random } from '../random.js';
import type { Activations } from './action-units.js';
import type { Identity } from './identity.js';

export interface Part {
  readonly unit: number;
  /** Mean activation when it occurs. */
  readonly strength: number;
  /** Probability of occurring. */
  readonly chance: number;
  /** Only on the subject's right (image left), as contempt. */
  readonly right?: true;
}

const part = (unit: number, strength: number, chance: number): Part => ({ unit, strength, chance });
const right = (unit: number, strength: number, chance: number): Part => ({
  ...part(unit, strength, chance),
  right: true,
});

/** The seven classes of the paper in their alphabetical order, and the resting face. */
export const expressions: Readonly<Record<string, readonly Part[]>> = {
  anger: [
    part(4, 0.95, 1),
    part(7, 0.8, 0.9),
    part(5, 0.45, 0.7),
    part(23, 0.7, 0.7),
    part(24, 0.7, 0.6),
    part(17, 0.4, 0.3),
  ],
  contempt: [right(12, 0.75, 1), right(14, 0.9, 1), part(24, 0.25, 0.3)],
  disgust: [
    part(9, 0.95, 0.9),
    part(10, 0.8, 0.8),
    part(17, 0.5, 0.5),
    part(7, 0.4, 0.5),
    part(4, 0.35, 0.5),
    part(15, 0.4, 0.35),
    part(25, 0.4, 0.3),
  ],
  fear: [
    part(1, 0.9, 1),
    part(2, 0.6, 0.9),
    part(4, 0.6, 0.9),
    part(5, 0.85, 1),
    part(20, 0.9, 0.9),
    part(25, 0.8, 0.9),
    part(26, 0.3, 0.5),
  ],
  happiness: [part(12, 1, 1), part(6, 0.85, 0.9), part(25, 0.7, 0.7), part(26, 0.15, 0.2)],
  sadness: [part(1, 0.95, 1), part(15, 0.95, 1), part(4, 0.6, 0.9), part(17, 0.7, 0.6), part(7, 0.3, 0.3)],
  surprise: [part(1, 1, 1), part(2, 1, 1), part(5, 0.75, 0.9), part(26, 1, 0.95), part(25, 0.9, 1)],
  neutral: [],
};

/** The classes a data block gets when it lists none. */
export const defaultExpressions: readonly string[] = Object.keys(expressions).filter(
  (name) => name !== 'neutral',
);

/**
 * Draws how a person shows an expression once:
 * strength x intensity x the person's gain x N(1, 0.12), cut to [0, 1.4], unequal on the two sides.
 */
export function drawActivations(
  name: string,
  intensity: number,
  person: Pick<Identity, 'gains' | 'asymmetry'>,
  from: Random,
): Activations {
  const result = new Map<number, readonly [number, number]>();
  for (const { unit, strength, chance, right: rightOnly } of expressions[name]!) {
    const occurs = from.chance(chance);
    const variation = from.normal(1, 0.12);
    if (!occurs) continue;
    const activation = strength * intensity * (person.gains.get(unit) ?? 1) * variation;
    const side = (by: number): number => Math.min(1.4, Math.max(0, activation * by));
    result.set(unit, [side(1 + person.asymmetry / 2), rightOnly ? 0 : side(1 - person.asymmetry / 2)]);
  }
  return result;
}
