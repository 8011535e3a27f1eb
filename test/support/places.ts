/** @file Models and trees without the places they come from, for comparing what texts mean. */
import type { ModelIR } from '../../compiler/model/ir.js';
import { storedForm } from '../../compiler/model/json.js';

const PLACES = new Set(['span', 'operatorSpan']);

/** As JSON text; of a model the graph too, whose nodes keep everything but their spans. */
export const withoutPlaces = (data: unknown): string =>
  JSON.stringify(data, (key, value: unknown) => (PLACES.has(key) ? undefined : storedForm(key, value)));

export const meaningOf = (models: Iterable<ModelIR>): string[] => [...models].map(withoutPlaces);
