/** @file The model IR to JSON and back: schema first, then references; a damaged file is refused by name and place. */
import { Ajv, type ErrorObject } from 'ajv';
import { formatCoefficient, parseCoefficient, type Coefficient } from '../scalar/coefficient.js';
import type { ModelIR } from './ir.js';
import { modelSchema } from './schema.js';
import { verifyModel } from './verify.js';

/** Thrown for a model file that is not what this compiler wrote. `reasons`: at most five, each with the place in the file. */
export class ModelFormatError extends Error {
  constructor(readonly reasons: readonly string[]) {
    super(`not a valid model IR: ${reasons.join('; ')}`);
  }
}

/** JSON text with sorted, stable layout: equal models give equal text. Coefficients are stored as `{"coefficient": "1/10*rate"}`. */
export function modelToJson(model: ModelIR): string {
  return JSON.stringify(model, (_, value: unknown) =>
    isCoefficient(value) ? { coefficient: formatCoefficient(value) } : value,
  );
}

/** Throws ModelFormatError. */
export function modelFromJson(text: string): ModelIR {
  const data = parseJson(text);
  const validate = schemaCheck();
  if (!validate(data)) throw new ModelFormatError(describe(validate.errors ?? []));
  const model = revive(data) as ModelIR;
  const violations = verifyModel(model);
  if (violations.length > 0) throw new ModelFormatError(violations.slice(0, 5));
  return model;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ModelFormatError([`the file is not JSON or was cut off (${(error as Error).message})`]);
  }
}

let compiled: ReturnType<Ajv['compile']> | undefined;
function schemaCheck(): ReturnType<Ajv['compile']> {
  compiled ??= new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: false, discriminator: true, allowUnionTypes: true }).compile(modelSchema);
  return compiled;
}

function describe(errors: readonly ErrorObject[]): string[] {
  return errors.slice(0, 5).map((e) => `${e.instancePath || 'the file'} ${e.message ?? 'is wrong'}`);
}

function isCoefficient(value: unknown): value is Coefficient {
  return typeof value === 'object' && value !== null && 'factor' in value && 'powers' in value;
}

function revive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]![0] === 'coefficient') {
    try {
      return parseCoefficient(entries[0]![1] as string);
    } catch {
      throw new ModelFormatError([`"${String(entries[0]![1])}" is not a coefficient`]);
    }
  }
  return Object.fromEntries(entries.map(([key, entry]) => [key, revive(entry)]));
}
