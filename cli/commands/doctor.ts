/** @file `ed2lc doctor`: what works here and what does not, each with what to do about it. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { COMPILER_VERSION } from '../../runtime/version.js';
import { cacheDirectory } from '../cache-directory.js';
import type { Console } from '../console.js';
import { ok, type Finding } from '../doctor/finding.js';
import { cores, memory, node } from '../doctor/machine.js';
import { onednn } from '../doctor/onednn.js';
import { cpu, decoder, tensorflow, wasm } from '../doctor/packages.js';
import { cached, place } from '../doctor/places.js';
import { spec } from '../doctor/spec.js';
import { weights } from '../doctor/weights.js';
import { EXIT } from '../exit-codes.js';

export function registerDoctor(program: Command, console: Console): void {
  program
    .command('doctor')
    .description('examine Node, engines, memory, disk, cache and spec, and say what helps')
    .option('--json', 'the findings as JSON')
    .action(async (options: { json?: true }) => {
      const findings = await examine();
      if (options.json) console.out(JSON.stringify(findings));
      else console.out(findings.map(asText).join('\n'));
      const problems = findings.filter(({ state }) => state === 'problem');
      if (problems.some(({ about }) => about !== 'spec')) process.exitCode = EXIT.environment;
      else if (problems.length > 0) process.exitCode = EXIT.spec;
    });
}

async function examine(): Promise<Finding[]> {
  const cache = cacheDirectory();
  return [
    ok('ed2lc', `${COMPILER_VERSION}, ${dirname(fileURLToPath(import.meta.url))}`),
    node(),
    cores(),
    memory(),
    await onednn(),
    await wasm(),
    await cpu(),
    await tensorflow(),
    await decoder(),
    place('here', '.', 'work in another directory'),
    place('runs', 'runs', 'run with --runs FOLDER'),
    ...(cache === null
      ? [ok('cache', 'none, as ED2LC_CACHE says')]
      : [place('cache', cache, 'set ED2LC_CACHE to another folder'), cached(cache)]),
    await weights(cache),
    spec(),
  ];
}

function asText({ about, state, found, remedy }: Finding): string {
  const line = `${state.padEnd(7)}  ${about.padEnd(13)}  ${found}`;
  return remedy === undefined ? line : `${line}\n${' '.repeat(24)}${remedy}`;
}
