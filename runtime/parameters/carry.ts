/** @file Parameters from a file into a model: by path and shape, all of them or one clear refusal. */
import type { ModelIR } from '../../compiler/model/ir.js';
import { ParameterFileError } from './errors.js';
import type { Parameters } from './initialise.js';

/** Those of the model, in its order; further entries of the file are ignored. Throws ParameterFileError. */
export function carryOver(model: ModelIR, stored: Parameters, file: string): Parameters {
  const wanted = model.groups.flatMap((g) => [...g.parameters, ...g.statistics]);
  const missing = wanted.filter(({ path }) => !stored.has(path)).map((w) => w.path);
  const differing = wanted
    .filter(({ path, shape }) => stored.has(path) && stored.get(path)!.shape.join() !== shape.join())
    .map(
      ({ path, shape }) =>
        `${path} is [${stored.get(path)!.shape.join(', ')}] in the file and [${shape.join(', ')}] in the model`,
    );
  const problems = [
    ...(missing.length > 0 ? [`it lacks ${someOf(missing)}`] : []),
    ...(differing.length > 0 ? [someOf(differing)] : []),
  ];
  if (problems.length > 0)
    throw new ParameterFileError(`${file} does not fit the model ${model.name}: ${problems.join('; ')}`);
  return new Map(wanted.map(({ path }) => [path, stored.get(path)!]));
}

const someOf = (items: readonly string[]): string =>
  `${items.slice(0, 3).join(', ')}${items.length > 3 ? ` and ${items.length - 3} more` : ''}`;
