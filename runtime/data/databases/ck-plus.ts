/** @file `source ck_plus("path")`: `cohn-kanade-images/S005/001/S005_001_00000011.png`, labels `Emotion/S005/001/S005_001_00000011_emotion.txt`. */
import { join } from 'node:path';
import { DATABASES, NEUTRAL } from '../../../compiler/model/databases.js';
import { DataError } from '../errors.js';
import type { Listing } from '../listing.js';
import { inParallel } from '../parallel.js';
import { numberIn, show } from '../table.js';
import { firstFolder, fileAt, isImage, namesIn, rootOf, textAt } from './browse.js';
import { Collection, type Frame } from './collect.js';

/** As the archives unpack, alone or each in a folder of its own. */
const IMAGES = [
  'cohn-kanade-images',
  'extended-cohn-kanade-images/cohn-kanade-images',
  'extended-cohn-kanade-images',
];
const EMOTIONS = ['Emotion', 'Emotion_labels/Emotion', 'Emotion_labels'];
const LANDMARKS = ['Landmarks/Landmarks', 'Landmarks'];
const LAYOUT = 'cohn-kanade-images/S005/001/S005_001_00000011.png, with Emotion/ beside';

/** Their numbers in the files; 0 is neutral. */
const { classes: CLASSES, title: TITLE } = DATABASES.ck_plus;

const LANES = 16;

/**
 * The labelled sequences. Those of a person that has none, and those without a label, are counted; a label that cannot be read costs its
 * sequence, never the next one its own.
 * @param neutral whether the first frame of each sequence is an image of `neutral`.
 * @throws DataError
 */
export async function listCkPlus(path: string, baseDir: string, neutral: boolean): Promise<Listing> {
  const root = await rootOf(path, baseDir, TITLE);
  const images = await firstFolder(root, IMAGES);
  const emotions = await firstFolder(root, EMOTIONS);
  const landmarks = await firstFolder(root, LANDMARKS);
  if (images === undefined)
    throw new DataError(`${root} has no folder ${IMAGES[0]}: ${TITLE} is laid out as ${LAYOUT}`);
  if (emotions === undefined)
    throw new DataError(`${root} has no folder ${EMOTIONS[0]}, where the labels of ${TITLE} are`);
  const found = new Collection(root, neutral ? [...CLASSES, NEUTRAL] : CLASSES);
  const sequences = await sequencesIn(images, emotions, found);
  const read = await inParallel(sequences, LANES, async ([person, number]) => {
    const label = await labelOf(join(emotions, person, number), person, number);
    const points = landmarks && join(landmarks, person, number);
    return label && { label, ...(await framesOf(join(images, person, number), points, person, number)) };
  });
  for (const [i, sequenceRead] of read.entries()) {
    const [person, number] = sequences[i]!;
    const sequence = `${person}/${number}`;
    if (!sequenceRead) {
      found.drops.add('sequences without a label', sequence);
      continue;
    }
    const { label, frames, others } = sequenceRead;
    if ('wrong' in label) {
      found.damaged('sequences whose label cannot be used', `${label.file}: ${label.wrong}`);
      continue;
    }
    for (const { item, reason } of others) found.damaged(reason, item);
    const last = frames.at(-1);
    if (!last) {
      found.damaged('labels of sequences without images', sequence);
      continue;
    }
    const gap = gapIn(frames, label.frame);
    if (gap !== undefined) found.remarks.add('sequences with frames missing', `${sequence}: ${gap}`, true);
    const expressive = neutral && frames.length > 1 ? frames.slice(1) : frames;
    if (neutral && frames.length > 1)
      found.add(person, `${sequence}/${NEUTRAL}`, NEUTRAL, frames.slice(0, 1));
    found.add(person, sequence, label.name, expressive);
  }
  return found.listing(LAYOUT);
}

/** [person, number] of every sequence that has images or a label. */
async function sequencesIn(images: string, emotions: string, found: Collection): Promise<[string, string][]> {
  const result: [string, string][] = [];
  const people = new Set([...(await namesIn(images)), ...(await namesIn(emotions))]);
  for (const person of [...people].sort()) {
    if (!/^S\d{3}$/.test(person)) {
      found.drops.add('files and folders that are no person', person);
      continue;
    }
    const numbers = new Set([
      ...(await namesIn(join(images, person))),
      ...(await namesIn(join(emotions, person))),
    ]);
    for (const number of [...numbers].sort())
      if (/^\d{3}$/.test(number)) result.push([person, number]);
      else found.drops.add('files and folders that are no sequence', `${person}/${number}`);
  }
  return result;
}

type Label =
  { readonly name: string; readonly frame: number } | { readonly file: string; readonly wrong: string };

/** null: there is none. */
async function labelOf(folder: string, person: string, number: string): Promise<Label | null> {
  const files = await namesIn(folder);
  const [name] = files;
  if (name === undefined) return null;
  const file = `${person}/${number}/${name}`;
  if (files.length > 1) return { file, wrong: `there is ${files[1]} too, and a sequence has one label` };
  const [, whose, which, frame] = /^(S\d{3})_(\d{3})_(\d{8})_emotion\.txt$/.exec(name) ?? [];
  if (whose !== person || which !== number)
    return { file, wrong: 'its name is not that of a label of this sequence' };
  const read = await textAt(join(folder, name));
  if ('wrong' in read) return { file, wrong: `it is ${read.wrong}` };
  const code = numberIn(read.text);
  if (code === undefined || !Number.isInteger(code) || code < 0 || code > CLASSES.length)
    return { file, wrong: `${show(read.text.trim())} is not a number from 0 to ${CLASSES.length}` };
  return { name: code === 0 ? NEUTRAL : CLASSES[code - 1]!, frame: Number(frame) };
}

interface Frames {
  readonly frames: readonly Frame[];
  readonly others: readonly { readonly item: string; readonly reason: string }[];
}

/** By number. */
async function framesOf(
  folder: string,
  landmarks: string | undefined,
  person: string,
  number: string,
): Promise<Frames> {
  const frames: Frame[] = [];
  const others: { item: string; reason: string }[] = [];
  const seen = new Set<number>();
  for (const name of await namesIn(folder)) {
    const item = `${person}/${number}/${name}`;
    if (!isImage(name)) {
      others.push({ item, reason: 'files that are not images' });
      continue;
    }
    const [, whose, which, text] = /^(S\d{3})_(\d{3})_(\d{8})\.\w+$/.exec(name) ?? [];
    const frame = Number(text);
    if (whose !== person || which !== number)
      others.push({ item, reason: 'images whose name is that of another sequence' });
    else if (seen.has(frame)) others.push({ item, reason: 'images of a frame that is there already' });
    else {
      seen.add(frame);
      const image = await fileAt(join(folder, name));
      if (typeof image === 'string')
        others.push({ item: `${item}: ${image}`, reason: 'images that are not files' });
      else {
        const points =
          landmarks && (await fileAt(join(landmarks, `${name.replace(/\.\w+$/, '')}_landmarks.txt`)));
        frames.push({
          id: item,
          frame,
          image,
          ...(typeof points === 'object' && { landmarks: { ...points, kind: 'file' as const } }),
        });
      }
    }
  }
  return { frames: frames.sort((a, b) => a.frame - b.frame), others };
}

/** Frames count from 1 to the one that is labelled. */
function gapIn(frames: readonly Frame[], peak: number): string | undefined {
  const last = frames.at(-1)!.frame;
  if (last < peak) return `it ends with frame ${last}, and frame ${peak} is labelled`;
  if (last > peak) return `frame ${peak} is labelled, and it goes on to frame ${last}`;
  const missing = frames.find(({ frame }, i) => frame !== frames[0]!.frame + i);
  return missing && `there is a gap before frame ${missing.frame}`;
}
