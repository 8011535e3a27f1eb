/** @file Oulu-CASIA in miniature: sequences as they were taken and cropped; of the cropped ones one is missing, as in the real set. */
import { DATABASES } from '../../../../compiler/model/databases.js';
import { rising, strays, Takes, type ImageFile, type Layout } from './layout.js';

export function ouluCasiaLayout(people: number): Layout {
  const takes: Takes[] = [];
  const images: ImageFile[] = [];
  const empty: string[] = [];
  for (let person = 0; person < people; person++) {
    const own = new Takes(person);
    takes.push(own);
    const name = `P${String(person + 1).padStart(3, '0')}`;
    for (const [k, expression] of DATABASES.oulu_casia.classes.entries()) {
      const folder = `${name}/${expression[0]!.toUpperCase()}${expression.slice(1)}`;
      const lost = person === people - 1 && k === 2;
      if (lost) empty.push(`PreProcess_Img/VL_Acropped/Strong/${folder}`);
      for (const [i, rise] of rising(4 + ((person + k) % 2)).entries()) {
        const file = `${folder}/${String(i).padStart(3, '0')}.jpeg`;
        const picture = { take: own.add(expression, k, rise), format: 'jpeg' } as const;
        images.push({ ...picture, path: `OriginalImg/VL/Strong/${file}`, tinted: true });
        if (!lost) images.push({ ...picture, path: `PreProcess_Img/VL_Acropped/Strong/${file}`, margin: 10 });
        // Other lights and the other camera are there, and not what the paper uses.
        if (person === 0 && k === 0)
          images.push(
            { ...picture, path: `OriginalImg/VL/Weak/${file}`, tinted: true },
            { ...picture, path: `OriginalImg/NI/Strong/${file}` },
          );
      }
    }
  }
  return {
    takes: takes.map(({ all }) => all),
    images,
    texts: strays('OriginalImg/VL/Strong', 'OriginalImg/VL/Strong/P001/Anger'),
    empty,
  };
}
