/** @file Arithmetic on numbers of the language: folded exactly while everything is fixed, kept as an expression once a schedule takes part. */
import * as C from '../scalar/coefficient.js';
import type { Coefficient } from '../scalar/coefficient.js';
import type { ScalarExpr, ScalarFunction } from '../scalar/expression.js';
import * as Q from '../scalar/rational.js';
import type { Rational } from '../scalar/rational.js';

/** The number has no finite value; says why. */
export class NumberError extends Error {}

export const fixedNumber = (value: Rational): ScalarExpr => ({
  kind: 'fixed',
  value: Q.formatRational(value),
});
export const ofInteger = (n: number): ScalarExpr => fixedNumber(Q.rational(n));

/** The exact value of a fixed number, else undefined. */
export const rationalOf = (e: ScalarExpr): Rational | undefined =>
  e.kind === 'fixed' ? Q.parseRational(e.value) : undefined;

const EXACT: Partial<Record<ScalarFunction, (...values: Rational[]) => Rational>> = {
  '+': (a, b) => Q.add(a!, b!),
  '-': (a, b) => Q.add(a!, Q.negate(b!)),
  '*': (a, b) => Q.multiply(a!, b!),
  '/': (a, b) => {
    if (Q.isZero(b!)) throw new NumberError('division by zero');
    return Q.divide(a!, b!);
  },
  neg: (a) => Q.negate(a!),
};

const ROUNDED: Partial<Record<ScalarFunction, (...values: number[]) => number>> = {
  '^': (a, b) => a! ** b!,
  exp: Math.exp,
  log: Math.log,
  cos: Math.cos,
  sin: Math.sin,
  min: Math.min,
  max: Math.max,
};

/** Applies a function; throws NumberError where a fixed result would not be finite. */
export function call(name: ScalarFunction, ...operands: readonly ScalarExpr[]): ScalarExpr {
  const values = operands.map(rationalOf);
  const fixed = values.every((v) => v !== undefined);
  if (fixed && EXACT[name]) return kept(EXACT[name](...values));
  if (fixed && name === '^') return power(values[0]!, values[1]!);
  if (fixed && ROUNDED[name]) return rounded(ROUNDED[name](...values.map(Q.toNumber)), name);
  return { kind: 'call', name, arguments: operands };
}

/** Exact as long as it is short: products of products would grow without end. */
function kept(value: Rational): ScalarExpr {
  const nearest = Q.toNumber(value);
  if (!Number.isFinite(nearest)) throw new NumberError('this number is too large');
  const isShort = value.n.toString(16).length + value.d.toString(16).length <= 512;
  return fixedNumber(isShort ? value : Q.fromNumber(nearest));
}

/** Whole exponents stay exact. */
function power(base: Rational, exponent: Rational): ScalarExpr {
  const whole = exponent.d === 1n && exponent.n >= -64n && exponent.n <= 64n;
  if (!whole) return rounded(Q.toNumber(base) ** Q.toNumber(exponent), '^');
  if (exponent.n < 0n && Q.isZero(base)) throw new NumberError('division by zero');
  const n = exponent.n < 0n ? -exponent.n : exponent.n;
  const raised = Q.rational(base.n ** n, base.d ** n);
  return kept(exponent.n < 0n ? Q.divide(Q.ONE, raised) : raised);
}

function rounded(value: number, name: string): ScalarExpr {
  if (!Number.isFinite(value)) throw new NumberError(`\`${name}\` has no finite value here`);
  return fixedNumber(Q.fromNumber(value));
}

/** Run-time scalars that every step has: the number of samples and of updates. A hyper of that name gets another one. */
const OF_THE_STEP: readonly string[] = ['batch', 'count'];

/** Gives scheduled sub-expressions names, so that coefficients can be exact products of them. */
export class ScalarTable {
  readonly #entries: { readonly name: string; readonly value: ScalarExpr }[] = [];
  readonly #known = new Map<string, string>();

  /** Run-time scalars in an order in which each uses only earlier ones. */
  get entries(): readonly { readonly name: string; readonly value: ScalarExpr }[] {
    return this.#entries;
  }

  /** A declared scheduled hyper. */
  declare(hyper: string, value: ScalarExpr): ScalarExpr {
    const name = OF_THE_STEP.includes(hyper) ? `hyper.${hyper}` : hyper;
    if (!this.#entries.some((e) => e.name === name)) this.#entries.push({ name, value });
    return { kind: 'scalar', name };
  }

  /** The number as a product of a rational and named scalars; anything else gets a name of its own. */
  coefficient(e: ScalarExpr): Coefficient {
    switch (e.kind) {
      case 'fixed':
        return C.fromRational(Q.parseRational(e.value));
      case 'scalar':
        return C.named(e.name);
      case 'variable':
        return C.named(this.#intern(e));
      case 'call': {
        const [a, b] = e.arguments;
        if (e.name === 'neg') return C.negate(this.coefficient(a!));
        if (e.name === '*') return C.multiply(this.coefficient(a!), this.coefficient(b!));
        if (e.name === '/' && b!.kind === 'fixed')
          return C.divide(this.coefficient(a!), this.coefficient(b!));
        return C.named(this.#intern(e));
      }
      case 'plateau':
        return C.named(this.#intern(e));
    }
  }

  #intern(e: ScalarExpr): string {
    const key = JSON.stringify(e);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const name = e.kind === 'variable' ? e.name : `scalar.${this.#known.size + 1}`;
    this.#known.set(key, name);
    this.#entries.push({ name, value: e });
    return name;
  }
}
