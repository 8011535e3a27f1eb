/** @file `source bu_3dfe("path")`: `F0001/F0001_AN04WH_F2D.bmp`, the frontal texture images; models and their points are passed over. */
import { join } from 'node:path';
import { DATABASES, NEUTRAL } from '../../../compiler/model/databases.js';
import type { Listing } from '../listing.js';
import { inParallel } from '../parallel.js';
import { firstFolder, fileAt, isImage, namesIn, rootOf } from './browse.js';
import { Collection } from './collect.js';

const { classes: CLASSES, title: TITLE } = DATABASES.bu_3dfe;
const LAYOUT = 'F0001/F0001_AN04WH_F2D.bmp';
/** Their letters in a name. */
const CODES: Readonly<Record<string, string>> = {
  AN: 'anger',
  DI: 'disgust',
  FE: 'fear',
  HA: 'happiness',
  NE: NEUTRAL,
  SA: 'sadness',
  SU: 'surprise',
};
/** Person, expression, level, ethnicity, kind of file. */
const NAME = /^([FM]\d{4})_([A-Z]{2})(\d{2})[A-Z]{2}_F2D\.\w+$/i;
const LEVELS = 4;
const LANES = 16;

/**
 * A sequence is what a person shows of one expression, a frame its level of intensity.
 * @throws DataError
 */
export async function listBu3dfe(path: string, baseDir: string, neutral: boolean): Promise<Listing> {
  const given = await rootOf(path, baseDir, TITLE);
  const root = (await firstFolder(given, ['BU_3DFE', 'BU-3DFE'])) ?? given;
  const found = new Collection(root, neutral ? [...CLASSES, NEUTRAL] : CLASSES);
  const people: string[] = [];
  for (const name of await namesIn(root))
    if (/^[FM]\d{4}$/i.test(name)) people.push(name);
    else found.drops.add('files and folders that are no person', name);
  const folders = await inParallel(people, LANES, async (folder) => {
    const names = (await namesIn(join(root, folder))).filter(
      (name) => isImage(name) && !/_F3D\./i.test(name),
    );
    return Promise.all(names.map(async (name) => ({ name, image: await fileAt(join(root, folder, name)) })));
  });
  for (const [i, folder] of people.entries()) {
    const person = folder.toUpperCase();
    const seen = new Set<string>();
    for (const { name, image } of folders[i]!) {
      const id = `${folder}/${name}`;
      const [, whose = '', code = '', level] = NAME.exec(name) ?? [];
      const expression = CODES[code.toUpperCase()];
      const frame = Number(level);
      const cell = `${expression}/${frame}`;
      if (whose === '') found.drops.add(`images that are not named as ${LAYOUT}`, id);
      else if (whose.toUpperCase() !== person)
        found.damaged('images whose name is that of another person', id);
      else if (expression === undefined || frame > LEVELS || (frame < 1 && expression !== NEUTRAL))
        found.damaged('images whose name tells no expression and level', id);
      else if (seen.has(cell)) found.damaged('images of an expression and level that is there already', id);
      else if (typeof image === 'string') found.damaged('images that are not files', `${id}: ${image}`);
      else {
        seen.add(cell);
        if (expression !== NEUTRAL || neutral)
          found.add(person, `${person}/${expression}`, expression, [{ id, frame, image }]);
      }
    }
  }
  return found.listing(LAYOUT);
}
