/** @file The parameter files of `start` lines: opened and compared before anything is trained. */
import { isAbsolute, resolve } from 'node:path';
import type { BoundStage } from '../../compiler/model/experiment.js';
import type { GroupIR } from '../../compiler/model/ir.js';
import { misfit } from '../../compiler/model/misfit.js';
import { expandVariables } from '../data/paths.js';
import type { Parameters } from './initialise.js';
import { ParameterFileError } from './errors.js';
import { loadParameters } from './safetensors.js';

/**
 * By the name written in the spec, which may hold $VARIABLES and starts at `baseDir`. `onNote` is told what a file holds that is not used.
 * Throws ParameterFileError, and DataError for a variable that is not set.
 */
export async function loadStartFiles(
  stages: readonly BoundStage[],
  baseDir: string,
  onNote?: (text: string) => void,
): Promise<Map<string, Parameters>> {
  const files = new Map<string, Parameters>();
  const wanted = new Map<string, Set<string>>();
  for (const { model } of stages) {
    for (const { groups, from } of model.stages[0]!.start) {
      if (from.kind !== 'file') continue;
      const path = expandVariables(from.name);
      const file = isAbsolute(path) ? path : resolve(baseDir, path);
      const stored = files.get(from.name) ?? (await loadParameters(file));
      files.set(from.name, stored);
      const own = wanted.get(from.name) ?? new Set();
      wanted.set(from.name, own);
      for (const name of groups) {
        checkGroup(
          model.groups.find((g) => g.name === name)!,
          stored,
          file,
        );
        own.add(name);
      }
    }
  }
  for (const [name, stored] of files) {
    const others = groupsOf(stored).filter((group) => !wanted.get(name)!.has(group));
    if (others.length > 0)
      onNote?.(`of ${name}, ${others.join(', ')} ${others.length === 1 ? 'is' : 'are'} not used`);
  }
  return files;
}

function checkGroup(group: GroupIR, stored: Parameters, file: string): void {
  const own = [...stored]
    .filter(([path]) => path.startsWith(`${group.name}.`))
    .map(([path, { shape }]) => ({ path, shape }));
  if (own.length === 0)
    throw new ParameterFileError(
      `${file} has no group ${group.name} to start from; it has ${groupsOf(stored).join(', ') || 'none'}`,
    );
  const wrong = misfit(group, own);
  if (wrong !== undefined)
    throw new ParameterFileError(`${group.name} cannot start from ${file}: ${wrong.replaceAll('`', '')}`);
}

const groupsOf = (stored: Parameters): string[] => [
  ...new Set([...stored.keys()].map((path) => path.slice(0, path.indexOf('.')))),
];
