/** @file The pages that are made from the code, by path: a test holds the committed ones to it. */
import { diagnosticsPage } from '../compiler/diagnostics/page.js';
import { modelSchema } from '../compiler/model/schema.js';
import { operationsPage } from '../compiler/ops/page.js';

export const GENERATED: Readonly<Record<string, () => string>> = {
  'docs/diagnostics.md': diagnosticsPage,
  'docs/operations.md': operationsPage,
  'docs/model.schema.json': () => `${JSON.stringify(modelSchema, null, 2)}\n`,
};
