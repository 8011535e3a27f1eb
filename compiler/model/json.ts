/** @file The model IR to JSON and back: schema first, then references; a damaged file is refused by name and place. */
import { formatCoefficient, parseCoefficient, type Coefficient } from '../scalar/coefficient.js';
import { ModelFormatError } from './format-error.js';
import type { ModelIR } from './ir.js';
import { modelSchema } from './schema.js';
import { schemaCheck } from './schema-check.js';
import { verifyModel } from './verify.js';

/** JSON text with stable layout: equal models give equal text. Coefficients are stored as `{"coefficient": "1/10*rate"}`. */
export const modelToJson = (model: ModelIR): string => JSON.stringify(model, storedForm);

/** Throws ModelFormatError. */
export function modelFromJson(text: string): ModelIR {
  const data = parseJson(text, WHAT);
  checkSchema(data);
  const model = reviveCoefficients(data, WHAT) as ModelIR;
  const violations = verifyModel(model);
  if (violations.length > 0) throw new ModelFormatError(WHAT, violations.slice(0, 5));
  return model;
}

const WHAT = 'model IR';
const checkSchema = schemaCheck(WHAT, modelSchema);

/** Throws ModelFormatError. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ModelFormatError(what, [`the file is not JSON or was cut off (${(error as Error).message})`]);
  }
}

/** Coefficients as they are stored. */
export const storedForm = (_: string, value: unknown): unknown =>
  isCoefficient(value) ? { coefficient: formatCoefficient(value) } : value;

function isCoefficient(value: unknown): value is Coefficient {
  return typeof value === 'object' && value !== null && 'factor' in value && 'powers' in value;
}

/** Throws ModelFormatError. */
export function reviveCoefficients(value: unknown, what: string): unknown {
  if (Array.isArray(value)) return value.map((entry) => reviveCoefficients(entry, what));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]![0] === 'coefficient') {
    try {
      return parseCoefficient(entries[0]![1] as string);
    } catch {
      throw new ModelFormatError(what, [`"${String(entries[0]![1])}" is not a coefficient`]);
    }
  }
  return Object.fromEntries(entries.map(([key, entry]) => [key, reviveCoefficients(entry, what)]));
}
