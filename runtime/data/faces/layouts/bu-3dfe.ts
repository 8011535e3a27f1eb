/** @file BU-3DFE in miniature: 25 frontal textures of each person as BMP, models and points beside them. */
import { DATABASES } from '../../../../compiler/model/databases.js';
import { strays, Takes, type ImageFile, type Layout, type TextFile } from './layout.js';

const CODES: Readonly<Record<string, string>> = {
  anger: 'AN',
  disgust: 'DI',
  fear: 'FE',
  happiness: 'HA',
  sadness: 'SA',
  surprise: 'SU',
};
const LEVELS = [0.25, 0.5, 0.75, 1];
const ETHNICITIES = ['WH', 'AE', 'BL', 'LA', 'AM', 'IN'];

export function bu3dfeLayout(people: number): Layout {
  const takes: Takes[] = [];
  const images: ImageFile[] = [];
  const texts: TextFile[] = [...strays('.', 'F0001')];
  const women = Math.ceil((people * 56) / 100);
  for (let person = 0; person < people; person++) {
    const own = new Takes(person);
    takes.push(own);
    const [letter, number] = person < women ? ['F', person + 1] : ['M', person - women + 1];
    const name = `${letter}${String(number).padStart(4, '0')}`;
    const ethnicity = ETHNICITIES[person % ETHNICITIES.length]!;
    const put = (code: string, level: number, take: readonly [number, number]): void => {
      const stem = `${name}/${name}_${code}${String(level).padStart(2, '0')}${ethnicity}`;
      images.push({ path: `${stem}_F2D.bmp`, take, format: 'bmp', tinted: true });
      texts.push(
        { path: `${stem}_F3D.wrl`, text: '#VRML V2.0 utf8\n' },
        { path: `${stem}_F3D.bnd`, text: '83\n' },
      );
    };
    put('NE', 0, own.add('neutral', 0));
    for (const [k, expression] of DATABASES.bu_3dfe.classes.entries())
      for (const [i, level] of LEVELS.entries())
        put(CODES[expression]!, i + 1, own.add(expression, k, level));
  }
  return { takes: takes.map(({ all }) => all), images, texts, empty: [] };
}
