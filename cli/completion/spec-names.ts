/** @file The names of a spec that options speak of. A spec with errors gives those that are sound. */
import { check, CODES } from '../../compiler/index.js';
import { fileReader } from '../../runtime/artifacts/source-reader.js';
import { findSpec } from '../find-spec.js';

export interface SpecNames {
  readonly experiments: readonly string[];
  /** The spec's own and those of its experiments. */
  readonly models: readonly string[];
  readonly hypers: readonly string[];
  readonly data: readonly string[];
  readonly codes: readonly { readonly code: string; readonly title: string }[];
}

/** `named`: default the spec that a command takes. Where there is none, there are no names. */
export function specNames(named: string | undefined): SpecNames {
  try {
    const { experiments, models, data } = check(findSpec(named), { reader: fileReader() });
    const all = [...models.values(), ...experiments.map(({ model }) => model)];
    return {
      experiments: experiments.map(({ experiment }) => experiment.name),
      models: [...new Set(all.map(({ name }) => name))],
      hypers: [...new Set(all.flatMap(({ hypers }) => hypers.map(({ name }) => name)))],
      data: [...data.keys()],
      codes: CODES,
    };
  } catch {
    return { experiments: [], models: [], hypers: [], data: [], codes: CODES };
  }
}
