/** @file Exact rational numbers, so that coefficients such as 0.1 are compared exactly (docs/architecture.md, "Coefficients"). */

export interface Rational {
  readonly n: bigint;
  /** Always positive; n and d share no factor. */
  readonly d: bigint;
}

function gcd(a: bigint, b: bigint): bigint {
  a = a < 0n ? -a : a;
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

export function rational(n: bigint | number, d: bigint | number = 1): Rational {
  let top = BigInt(n);
  let bottom = BigInt(d);
  if (bottom === 0n) throw new RangeError('division by zero');
  if (bottom < 0n) [top, bottom] = [-top, -bottom];
  const g = gcd(top, bottom) || 1n;
  return { n: top / g, d: bottom / g };
}

export const ZERO = rational(0);
export const ONE = rational(1);

/** The value of a decimal literal: `"0.35"` is exactly 7/20, `"1e-4"` exactly 1/10000. Beyond 400 places it is that of the nearest double. */
export function parseDecimal(text: string): Rational {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) throw new SyntaxError(`not a decimal number: ${text}`);
  const fraction = match[3] ?? '';
  const exponent = Number(match[4] ?? 0) - fraction.length;
  if (Math.abs(exponent) > 400) {
    const nearest = Number(text);
    return nearest === 0 ? ZERO : fromNumber(nearest);
  }
  const digits = BigInt(match[1] + match[2] + fraction);
  return exponent >= 0
    ? rational(digits * 10n ** BigInt(exponent))
    : rational(digits, 10n ** BigInt(-exponent));
}

/** The exact value of a finite double. */
export function fromNumber(value: number): Rational {
  if (!Number.isFinite(value)) throw new RangeError(`not a finite number: ${value}`);
  return parseDecimal(String(value));
}

export function toNumber(r: Rational): number {
  const top = Number(r.n);
  const bottom = Number(r.d);
  if (Number.isFinite(top) && Number.isFinite(bottom)) return top / bottom;
  const shift = BigInt(Math.max(r.n.toString(2).length, r.d.toString(2).length) - 1000);
  return Number(r.n >> shift) / Number(r.d >> shift);
}

export const add = (a: Rational, b: Rational): Rational => rational(a.n * b.d + b.n * a.d, a.d * b.d);
export const multiply = (a: Rational, b: Rational): Rational => rational(a.n * b.n, a.d * b.d);
export const negate = (a: Rational): Rational => ({ n: -a.n, d: a.d });
export const divide = (a: Rational, b: Rational): Rational => rational(a.n * b.d, a.d * b.n);
export const equal = (a: Rational, b: Rational): boolean => a.n === b.n && a.d === b.d;
export const isZero = (a: Rational): boolean => a.n === 0n;

/** `7/20`, or `3` when integral. */
export function formatRational(r: Rational): string {
  return r.d === 1n ? String(r.n) : `${r.n}/${r.d}`;
}

export function parseRational(text: string): Rational {
  const [n, d = '1'] = text.split('/');
  return rational(BigInt(n!), BigInt(d));
}
