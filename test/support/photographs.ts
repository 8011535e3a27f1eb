/** @file A folder of tiny photographs made for a test: bright is `day`, dark is `night`; several people, a few images each. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileExperiment, trainableStages } from '../../compiler/program.js';
import type { Engine } from '../../runtime/engines/engine.js';
import type { RunOptions } from '../../runtime/experiment/run-experiment.js';
import { randomFrom } from './random-graph.js';
import { checkText, errorsOf } from './specs.js';

export interface Place {
  readonly path: string;
  /** Adds a person with two images of each class, 4 x 4 pixels, as `photos/CLASS/PERSON_N.pgm`. */
  addPerson(person: string): void;
  remove(): void;
}

export function photographs(people: number): Place {
  const path = mkdtempSync(join(tmpdir(), 'ed2l-run-'));
  const random = randomFrom(5);
  const addPerson = (person: string): void => {
    for (const [name, base] of [
      ['day', 170],
      ['night', 20],
    ] as const) {
      mkdirSync(join(path, 'photos', name), { recursive: true });
      for (const shot of [1, 2]) {
        const pixels = Array.from({ length: 16 }, () => base + Math.floor(60 * random()));
        const image = Buffer.concat([Buffer.from('P5 4 4 255\n'), Buffer.from(pixels)]);
        writeFileSync(join(path, 'photos', name, `${person}_${shot}.pgm`), image);
      }
    }
  };
  for (let i = 1; i <= people; i++) addPerson(`p${i}`);
  return { path, addPerson, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Two losses with a route each on such photographs; trains in milliseconds. */
export const PHOTO_SPEC = `model tiny {
  hyper classes = 2
  hyper rate = 1e-2
  input picture : image[4, 4, 1]
  label hour    : class[classes]
  group body  = flatten() |> dense(4) |> relu()
  group head  = dense(classes)
  group other = dense(classes)
  f = body(picture)
  z = head(f)
  loss l_head  = cross_entropy(z, hour)        updates body, head
  loss l_other = cross_entropy(other(f), hour) updates other
  predict hour = softmax(z)
  train {
    minimize l_head + l_other
      using adam(rate: rate)
    batch 8
    epochs 8
  }
}
data photos {
  source folder("photos", pattern: "class/subject_*")
  folds  blocks(3, by: subject)
}
experiment photo {
  model tiny
  train on photos
}
`;

/** A run of the experiment of that name, or the first of a text, in the folder of such photographs; nothing is cached. Throws for a text with errors. */
export function photoRun(text: string, place: Place, engine: Engine, name?: string): RunOptions {
  const checked = checkText(text);
  const [error] = errorsOf(checked);
  if (error) throw new Error(`${error.code} ${error.message}`);
  const bound = checked.experiments.find((e) => name === undefined || e.experiment.name === name)!;
  return {
    bound,
    stages: trainableStages(compileExperiment(bound)),
    engine,
    runs: join(place.path, 'runs'),
    cacheDir: null,
    baseDir: place.path,
  };
}
