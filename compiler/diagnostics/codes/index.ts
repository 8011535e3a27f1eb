/** @file All diagnostic codes with their texts: the one source of `ed2lc explain` and docs/diagnostics.md. Codes are only ever added. */
import type { CodeText } from '../code-text.js';
import { DATA } from './data.js';
import { LIMITS } from './limits.js';
import { NAMES } from './names.js';
import { ROUTES } from './routes.js';
import { SYNTAX } from './syntax.js';
import { TRAINING } from './training.js';
import { TYPES } from './types.js';

/** In the order of the codes. */
export const CODES: readonly CodeText[] = [
  ...SYNTAX,
  ...NAMES,
  ...TYPES,
  ...ROUTES,
  ...TRAINING,
  ...DATA,
  ...LIMITS,
];
