/** @file `source oulu_casia("path")`: `OriginalImg/VL/Strong/P001/Anger/000.jpeg`, or the cropped `PreProcess_Img/VL_Acropped/Strong/…`. */
import { join } from 'node:path';
import { DATABASES, NEUTRAL } from '../../../compiler/model/databases.js';
import { DataError } from '../errors.js';
import type { Listing } from '../listing.js';
import { inParallel } from '../parallel.js';
import { firstFolder, fileAt, isImage, namesIn, rootOf } from './browse.js';
import { Collection, type Frame } from './collect.js';
import type { DatabaseSource } from './list.js';

type Source = Extract<DatabaseSource, { kind: 'oulu_casia' }>;

const { classes: CLASSES, title: TITLE } = DATABASES.oulu_casia;
const LIGHTS = { strong: 'Strong', weak: 'Weak', dark: 'Dark' } as const;
const LANES = 16;

/**
 * A sequence is what a person shows of one expression, from neutral to its peak.
 * @param neutral whether the first frame of each sequence is an image of `neutral`.
 * @throws DataError
 */
export async function listOuluCasia(
  { path, camera, light, images }: Source,
  baseDir: string,
  neutral: boolean,
): Promise<Listing> {
  const given = await rootOf(path, baseDir, TITLE);
  const view = camera.toUpperCase();
  const place =
    images === 'original'
      ? `OriginalImg/${view}/${LIGHTS[light]}`
      : `PreProcess_Img/${view}_Acropped/${LIGHTS[light]}`;
  const root = await firstFolder(given, [place]);
  if (root === undefined)
    throw new DataError(
      `${given} has no folder ${place}: ${TITLE} is laid out as ${place}/P001/Anger/000.jpeg`,
    );
  const found = new Collection(root, neutral ? [...CLASSES, NEUTRAL] : CLASSES);
  const sequences: (readonly [person: string, folder: string, expression: string])[] = [];
  for (const person of await namesIn(root)) {
    if (!/^P\d{3}$/.test(person)) {
      found.drops.add('files and folders that are no person', person);
      continue;
    }
    for (const folder of await namesIn(join(root, person))) {
      const expression = CLASSES.find((name) => name === folder.toLowerCase());
      if (expression !== undefined) sequences.push([person, folder, expression]);
      else found.drops.add('files and folders that are no expression', `${person}/${folder}`);
    }
  }
  const read = await inParallel(sequences, LANES, async ([person, folder]) => {
    const names = await namesIn(join(root, person, folder));
    return Promise.all(
      names.map(async (name) => ({ name, image: await fileAt(join(root, person, folder, name)) })),
    );
  });
  for (const [i, [person, folder, expression]] of sequences.entries()) {
    const frames: Frame[] = [];
    for (const { name, image } of read[i]!) {
      const id = `${person}/${folder}/${name}`;
      const [, number] = /^(\d+)\.\w+$/.exec(name) ?? [];
      if (!isImage(name)) found.drops.add('files that are not images', id);
      else if (number === undefined) found.drops.add('images that are not numbered', id);
      else if (frames.some(({ frame }) => frame === Number(number)))
        found.damaged('images of a frame that is there already', id);
      else if (typeof image === 'string') found.damaged('images that are not files', `${id}: ${image}`);
      else frames.push({ id, frame: Number(number), image });
    }
    const sequence = `${person}/${expression}`;
    frames.sort((a, b) => a.frame - b.frame);
    const gap = frames.find(({ frame }, k) => k > 0 && frame !== frames[k - 1]!.frame + 1);
    if (gap) found.remarks.add('sequences with frames missing', `${sequence}: a gap before ${gap.id}`, true);
    if (frames.length === 0) found.damaged('sequences without images', `${person}/${folder}`);
    else if (neutral && frames.length > 1) {
      found.add(person, `${sequence}/${NEUTRAL}`, NEUTRAL, frames.slice(0, 1));
      found.add(person, sequence, expression, frames.slice(1));
    } else found.add(person, sequence, expression, frames);
  }
  return found.listing(`${place}/P001/Anger/000.jpeg`);
}
