/** @file A process in which npm packages are not installed: what an install with `--omit=optional`, or one that failed half way, leaves. */
import { join } from 'node:path';
import type { Workplace } from './command-line.js';

const HOOK = `
const Module = require('node:module');
const hidden = process.env.HIDDEN_PACKAGES.split(',');
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  if (hidden.some((name) => request === name || request.startsWith(name + '/')))
    throw Object.assign(new Error("Cannot find module '" + request + "'\\nRequire stack:\\n- somewhere"), { code: 'MODULE_NOT_FOUND' });
  return resolve.call(this, request, ...rest);
};
`;

/** The environment in which Node finds none of these, or of their scopes. */
export function withoutPackages(place: Workplace, ...names: readonly string[]): NodeJS.ProcessEnv {
  place.write('hide-packages.cjs', HOOK);
  return {
    HIDDEN_PACKAGES: names.join(),
    NODE_OPTIONS: `--require ${join(place.path, 'hide-packages.cjs')}`,
  };
}
