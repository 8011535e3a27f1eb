/**
 * @file `source mmi("path")`: a folder of sessions, `Sessions/12/` with `session.xml`, `S001-001.xml` and the extracted frames
 * `S001-001/00001.png`; or a table with the columns subject, session, emotion and frame.
 */
import { join } from 'node:path';
import { DATABASES, NEUTRAL } from '../../../compiler/model/databases.js';
import { DataError } from '../errors.js';
import { Drops, type Entry, type Listing } from '../listing.js';
import { listManifest } from '../manifest.js';
import { inParallel } from '../parallel.js';
import { findPath } from '../paths.js';
import { show } from '../table.js';
import { firstFolder, fileAt, isImage, namesIn, rootOf, textAt } from './browse.js';
import { Collection, type Frame } from './collect.js';
import type { DatabaseSource } from './list.js';
import { elementsOf, type XmlElement } from './xml.js';

type Source = Extract<DatabaseSource, { kind: 'mmi' }>;

/** Their numbers in the files, from 1. */
const { classes: CLASSES, title: TITLE } = DATABASES.mmi;
const LAYOUT = 'Sessions/12/session.xml, with S001-001.xml and the frames S001-001/00001.png beside';
/** Of a track. */
const VIEWS: Readonly<Record<string, 'front' | 'profile' | 'dual'>> = { 0: 'front', 1: 'profile', 2: 'dual' };
/** Where a session's action units are coded; fronts without it were recorded by a camera on its side. */
const CODING = /-oao_aucs\.xml$/i;
const LANES = 16;

/** @throws DataError */
export async function listMmi(source: Source, baseDir: string, neutral: boolean): Promise<Listing> {
  const { stats } = await findPath(source.path, baseDir, `folder or table of ${TITLE}`);
  if (stats.isFile()) return listTable(source.path, baseDir);
  const given = await rootOf(source.path, baseDir, TITLE);
  const root = (await firstFolder(given, ['Sessions'])) ?? given;
  const found = new Collection(root, neutral ? [...CLASSES, NEUTRAL] : CLASSES);
  const folders = (await namesIn(root)).filter((name) => {
    if (/^\d+$/.test(name)) return true;
    found.drops.add('files and folders that are no session', name);
    return false;
  });
  const sessions = await inParallel(folders, LANES, async (folder) => readSession(root, folder));
  for (const [i, session] of sessions.entries()) {
    const folder = folders[i]!;
    if ('damaged' in session) {
      found.damaged(session.damaged, session.item);
      continue;
    }
    const { view, name, person, frames, others } = session;
    if (view === 'profile' || (source.view !== 'any_front' && view !== source.view))
      found.drops.add(`sessions in ${view === 'dual' ? 'dual view' : view}`, folder);
    else if (name === null) found.drops.add('sessions that show none of the six expressions', folder);
    else {
      for (const { item, reason } of others) found.damaged(reason, item);
      if (frames.length === 0) found.damaged('sessions without extracted frames', folder);
      else if (neutral && frames.length > 1) {
        found.add(person, `${folder}/${NEUTRAL}`, NEUTRAL, frames.slice(0, 1));
        found.add(person, folder, name, frames.slice(1));
      } else found.add(person, folder, name, frames);
    }
  }
  return found.listing(LAYOUT);
}

type Damaged = { readonly damaged: string; readonly item: string };

interface Session {
  readonly view: 'front' | 'profile' | 'dual';
  /** null: none of the six. */
  readonly name: string | null;
  readonly person: string;
  readonly frames: readonly Frame[];
  readonly others: readonly { readonly item: string; readonly reason: string }[];
}

async function readSession(root: string, folder: string): Promise<Session | Damaged> {
  const names = await namesIn(join(root, folder));
  const wrong = (item: string, why: string): Damaged => ({
    damaged: 'sessions whose description cannot be used',
    item: `${folder}/${item}: ${why}`,
  });
  const read = async (name: string): Promise<readonly XmlElement[] | Damaged> => {
    const file = await textAt(join(root, folder, name));
    if ('wrong' in file) return wrong(name, `it is ${file.wrong}`);
    const elements = elementsOf(file.text);
    return 'wrong' in elements ? wrong(name, elements.wrong) : elements;
  };
  if (!names.includes('session.xml')) return wrong('session.xml', 'it is not there');
  const session = await read('session.xml');
  if ('damaged' in session) return session;
  const clips = names.filter((name) => /\.xml$/i.test(name) && name !== 'session.xml' && !CODING.test(name));
  const [clip] = clips;
  if (clip === undefined) return wrong('', 'it has no description of its clip, such as S001-001.xml');
  if (clips.length > 1) return wrong(clips[1]!, `there is ${clip} too, and a session has one clip`);
  const description = await read(clip);
  if ('damaged' in description) return description;

  const written = valueOf(session, 'track', 'view') ?? '';
  const view = VIEWS[written];
  if (view === undefined) return wrong('session.xml', `the view ${show(written)} is none of 0, 1 and 2`);
  const emotion = description
    .find((e) => e.name === 'metatag' && e.attributes.get('name')?.toLowerCase() === 'emotion')
    ?.attributes.get('value');
  if (emotion !== undefined && !/^\d+$/.test(emotion.trim()))
    return wrong(clip, `the emotion ${show(emotion)} is no number`);
  const stem = clip.replace(/\.xml$/i, '');
  const person = /^(S\d+)-\d+$/i.exec(stem)?.[1]?.toUpperCase() ?? valueOf(session, 'subject', 'id');
  if (person === undefined || person.trim() === '') return wrong('session.xml', 'it names no person');
  const coded = session.some(
    (e) => e.name === 'annotation' && CODING.test(e.attributes.get('filename') ?? ''),
  );
  const frames = await framesOf(root, folder, names, stem, view === 'front' && !coded);
  if ('damaged' in frames) return frames;
  return { view, name: CLASSES[Number(emotion) - 1] ?? null, person: person.trim(), ...frames };
}

/** Of the first such element that has it. */
const valueOf = (elements: readonly XmlElement[], name: string, attribute: string): string | undefined =>
  elements.find((e) => e.name === name && e.attributes.has(attribute))?.attributes.get(attribute);

/** Beside the descriptions, or in one folder there. */
async function framesOf(
  root: string,
  folder: string,
  names: readonly string[],
  stem: string,
  lying: boolean,
): Promise<Pick<Session, 'frames' | 'others'> | Damaged> {
  const places: { readonly place: string; readonly images: readonly string[] }[] = [];
  const own = names.filter(isImage);
  if (own.length > 0) places.push({ place: folder, images: own });
  for (const name of names.filter((n) => !/\.\w{3,4}$/.test(n))) {
    const images = (await namesIn(join(root, folder, name))).filter(isImage);
    if (images.length > 0) places.push({ place: `${folder}/${name}`, images });
  }
  if (places.length > 1)
    return {
      damaged: 'sessions whose frames lie in several places',
      item: places.map(({ place }) => place).join(', '),
    };
  const { place, images } = places[0] ?? { place: folder, images: [] };
  const frames: Frame[] = [];
  const others: { item: string; reason: string }[] = [];
  for (const name of images) {
    const item = `${place}/${name}`;
    const [, number] = /(\d+)\.\w+$/.exec(name) ?? [];
    const [clip = stem] = /S\d+-\d+/i.exec(name) ?? [];
    if (clip.toUpperCase() !== stem.toUpperCase())
      others.push({ item, reason: 'images whose name is that of another clip' });
    else if (number === undefined) others.push({ item, reason: 'images that are not numbered' });
    else if (frames.some(({ frame }) => frame === Number(number)))
      others.push({ item, reason: 'images of a frame that is there already' });
    else {
      const image = await fileAt(join(root, place, name));
      if (typeof image === 'string')
        others.push({ item: `${item}: ${image}`, reason: 'images that are not files' });
      else frames.push({ id: item, frame: Number(number), image: lying ? { ...image, lying } : image });
    }
  }
  return { frames: frames.sort((a, b) => a.frame - b.frame), others };
}

/** Frames are files, relative to the table; emotions numbers as in the descriptions, or names. */
async function listTable(path: string, baseDir: string): Promise<Listing> {
  const columns = { file: 'frame', class: 'emotion', subject: 'subject', sequence: 'session', frame: null };
  const { found, ...listing } = await listManifest({ kind: 'manifest', path, root: '.', columns }, baseDir);
  const drops = new Drops();
  const entries = listing.entries.flatMap((entry): Entry[] => {
    const written = entry.class.toLowerCase();
    const name = /^\d+$/.test(written) ? CLASSES[Number(written) - 1] : written;
    if (name !== undefined && (CLASSES.includes(name) || name === NEUTRAL))
      return [{ ...entry, class: name }];
    if (name !== undefined)
      throw new DataError(
        `${entry.place}: the emotion ${show(entry.class)} is none of ${CLASSES.join(', ')} and no number`,
      );
    drops.add('frames of sessions that show none of the six expressions', entry.place);
    return [];
  });
  if (entries.length === 0) throw new DataError(`${found.path} lists no frames of the six expressions`);
  return { ...listing, classes: CLASSES, entries, dropped: [...listing.dropped, ...drops.list()] };
}
