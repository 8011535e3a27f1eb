/** @file CK+ in miniature: sequences from rest to the peak, labels for some of them, points for all, as its four archives unpack. */
import { DATABASES } from '../../../../compiler/model/databases.js';
import type { Truth } from '../render.js';
import { facePoints, type FacePoint } from '../points.js';
import { rising, strays, Takes, type ImageFile, type Layout, type TextFile } from './layout.js';

const { classes } = DATABASES.ck_plus;
/** Which of the seven each person shows, counted from the person's own number: every class comes equally often. */
const SHOWN = [0, 2, 4, 5];
/** In this many people one more, without a label. */
const UNLABELLED = 12;

export function ckPlusLayout(people: number): Layout {
  const takes: Takes[] = [];
  const images: ImageFile[] = [];
  const texts: TextFile[] = [...strays('cohn-kanade-images', 'Emotion', 'cohn-kanade-images/S005/001')];
  const empty: string[] = [];
  for (let person = 0; person < people + Math.ceil(people / UNLABELLED); person++) {
    const labelled = person < people;
    const name = `S${String(5 + 7 * person).padStart(3, '0')}`;
    const own = new Takes(person);
    takes.push(own);
    // One of three people has a sequence more that nobody has labelled.
    const count = SHOWN.length + (person % 3 === 0 ? 1 : 0);
    for (let k = 0; k < count; k++) {
      const code = ((person + (SHOWN[k] ?? 1)) % classes.length) + 1;
      const number = String(k + 1).padStart(3, '0');
      const folder = `${name}/${number}`;
      const rises = rising(4 + ((person + k) % 3));
      for (const [i, rise] of rises.entries()) {
        const stem = `${name}_${number}_${String(i + 1).padStart(8, '0')}`;
        const take = own.add(classes[code - 1]!, k, rise);
        images.push({
          path: `cohn-kanade-images/${folder}/${stem}.png`,
          take,
          format: 'png',
          ...(person % 3 === 2 && { tinted: true }),
          ...(person % 4 === 1 && { extraRows: 3 }),
        });
        texts.push({
          path: `Landmarks/${folder}/${stem}_landmarks.txt`,
          text: ({ truth }) => pointsText(truth(...take)),
        });
      }
      const peak = `${folder}/${name}_${number}_${String(rises.length).padStart(8, '0')}`;
      if (labelled && k < SHOWN.length)
        texts.push({ path: `Emotion/${peak}_emotion.txt`, text: `   ${float(code)}\n` });
      // Without a label the folder is there and empty, or not there.
      else if (k % 2 === 0) empty.push(`Emotion/${folder}`);
      texts.push({ path: `FACS/${peak}_facs.txt`, text: ({ truth }) => unitsText(truth(own.person, 0)) });
    }
  }
  return { takes: takes.map(({ all }) => all), images, texts, empty };
}

/** As MATLAB writes numbers. */
const float = (value: number): string =>
  value.toExponential(7).replace(/e([+-])(\d)$/, (_, sign: string, digit: string) => `e${sign}0${digit}`);

/** 68 points: eyes, tip of the nose and corners of the mouth where the picture has them, the others evenly around those. */
function pointsText(truth: Truth): string {
  const [left, right, nose, mouthLeft, mouthRight] = facePoints(truth) as readonly FacePoint[] &
    readonly [FacePoint, FacePoint, FacePoint, FacePoint, FacePoint];
  const eyes: FacePoint = [(left[0] + right[0]) / 2, (left[1] + right[1]) / 2];
  const mouth: FacePoint = [(mouthLeft[0] + mouthRight[0]) / 2, (mouthLeft[1] + mouthRight[1]) / 2];
  const down: FacePoint = [mouth[0] - eyes[0], mouth[1] - eyes[1]];
  const across: FacePoint = [right[0] - left[0], right[1] - left[1]];
  const at = (from: FacePoint, x: number, y: number): FacePoint => [
    from[0] + x * across[0] + y * down[0],
    from[1] + x * across[1] + y * down[1],
  ];
  const ring = (centre: FacePoint, n: number, x: number, y: number): FacePoint[] =>
    Array.from({ length: n }, (_, i) => {
      const angle = Math.PI - (2 * Math.PI * i) / n;
      return at(centre, x * Math.cos(angle), -y * Math.sin(angle));
    });
  const lips = ring(mouth, 12, 0.38, 0.12);
  lips[0] = mouthLeft;
  lips[6] = mouthRight;
  const points = [
    ...Array.from({ length: 17 }, (_, i) => {
      const angle = Math.PI - (Math.PI * i) / 16;
      return at(eyes, Math.cos(angle), 1.6 * Math.sin(angle));
    }),
    ...Array.from({ length: 5 }, (_, i) => at(left, (i - 2) * 0.13, -0.25)),
    ...Array.from({ length: 5 }, (_, i) => at(right, (i - 2) * 0.13, -0.25)),
    ...Array.from({ length: 3 }, (_, i): FacePoint => [
      eyes[0] + ((nose[0] - eyes[0]) * i) / 3,
      eyes[1] + ((nose[1] - eyes[1]) * i) / 3,
    ]),
    nose,
    ...Array.from({ length: 5 }, (_, i) => at(nose, (i - 2) * 0.09, 0.08)),
    ...ring(left, 6, 0.2, 0.06),
    ...ring(right, 6, 0.2, 0.06),
    ...lips,
    ...ring(mouth, 8, 0.25, 0.05),
  ];
  return points.map(([x, y]) => `   ${float(x)}   ${float(y)}\n`).join('');
}

const unitsText = ({ activations }: Truth): string =>
  [...activations].map(([unit, sides]) => `   ${float(unit)}   ${float(5 * Math.max(...sides))}\n`).join('');
