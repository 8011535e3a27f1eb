/** @file A coefficient: an exact rational times powers of named run-time scalars, as in `-1/10 * reversal`. Never a float. */
import * as Q from './rational.js';

export interface Coefficient {
  readonly factor: Q.Rational;
  /** Exponent per run-time scalar, sorted by name, none zero. `batch` is the number of samples in the batch. */
  readonly powers: readonly (readonly [name: string, exponent: number])[];
}

export const ONE: Coefficient = { factor: Q.ONE, powers: [] };
export const ZERO: Coefficient = { factor: Q.ZERO, powers: [] };

export const exactly = (n: number | bigint, d: number | bigint = 1): Coefficient => ({
  factor: Q.rational(n, d),
  powers: [],
});
export const fromRational = (factor: Q.Rational): Coefficient => ({ factor, powers: [] });
/** A finite double, by its shortest decimal: 0.1 is 1/10. */
export const fromNumber = (value: number): Coefficient => fromRational(Q.fromNumber(value));
export const named = (name: string, exponent = 1): Coefficient => ({
  factor: Q.ONE,
  powers: [[name, exponent]],
});

export function multiply(a: Coefficient, b: Coefficient): Coefficient {
  const factor = Q.multiply(a.factor, b.factor);
  if (Q.isZero(factor)) return ZERO;
  if (a.powers.length === 0) return { factor, powers: b.powers };
  if (b.powers.length === 0) return { factor, powers: a.powers };
  const powers = new Map(a.powers);
  for (const [name, exponent] of b.powers) powers.set(name, (powers.get(name) ?? 0) + exponent);
  return {
    factor,
    powers: [...powers].filter(([, e]) => e !== 0).sort(([x], [y]) => (x < y ? -1 : 1)),
  };
}

export const negate = (a: Coefficient): Coefficient => ({ factor: Q.negate(a.factor), powers: a.powers });
export const isZero = (a: Coefficient): boolean => Q.isZero(a.factor);
export const isOne = (a: Coefficient): boolean => a.powers.length === 0 && Q.equal(a.factor, Q.ONE);
export const isFixed = (a: Coefficient): boolean => a.powers.length === 0;
export const samePowers = (a: Coefficient, b: Coefficient): boolean =>
  a.powers.length === b.powers.length &&
  a.powers.every(([n, e], i) => n === b.powers[i]![0] && e === b.powers[i]![1]);
export const equal = (a: Coefficient, b: Coefficient): boolean =>
  Q.equal(a.factor, b.factor) && samePowers(a, b);

/** a / b; the exponents may become negative. */
export function divide(a: Coefficient, b: Coefficient): Coefficient {
  return multiply(a, {
    factor: Q.divide(Q.ONE, b.factor),
    powers: b.powers.map(([n, e]) => [n, -e] as const),
  });
}

/** The number it stands for, given the run-time scalars (`batch` among them). */
export function evaluate(a: Coefficient, scalars: Readonly<Record<string, number>>): number {
  let value = Q.toNumber(a.factor);
  for (const [name, exponent] of a.powers) {
    const scalar = scalars[name];
    if (scalar === undefined) throw new Error(`internal: no run-time scalar called ${name}`);
    value *= scalar ** exponent;
  }
  return value;
}

/** `-1/10*reversal*batch^-1`; parsed back by `parseCoefficient`. */
export function formatCoefficient(a: Coefficient): string {
  const powers = a.powers.map(([name, e]) => (e === 1 ? name : `${name}^${e}`));
  if (powers.length === 0) return Q.formatRational(a.factor);
  if (Q.equal(a.factor, Q.ONE)) return powers.join('*');
  return [Q.formatRational(a.factor), ...powers].join('*');
}

/** Throws SyntaxError. */
export function parseCoefficient(text: string): Coefficient {
  return text.split('*').reduce((product, part) => multiply(product, parseFactor(part)), ONE);
}

function parseFactor(text: string): Coefficient {
  if (/^-?\d+(\/0*[1-9]\d*)?$/.test(text)) return fromRational(Q.parseRational(text));
  const [, name, exponent = '1'] = /^([A-Za-z_][\w.]*)(?:\^(-?[1-9]\d*))?$/.exec(text) ?? [];
  if (name === undefined) throw new SyntaxError(`"${text}" is not a factor of a coefficient`);
  return named(name, Number(exponent));
}
