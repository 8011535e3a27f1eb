/** @file MMI in miniature: sessions with their descriptions and extracted frames; some lie on their side, some show no front, both views, or no emotion. */
import { DATABASES } from '../../../../compiler/model/databases.js';
import { risingAndFalling, strays, Takes, type ImageFile, type Layout, type TextFile } from './layout.js';

const { classes } = DATABASES.mmi;
/** Which of the six each person shows, counted from the person's own number. */
const SHOWN = [0, 2, 3];
/** Sessions of action units alone carry higher numbers. */
const UNITS_ALONE = 13;
/** Their numbers in the files; all others show the front. */
const VIEWS: Readonly<Record<string, number>> = { profile: 1, dual: 2 };

export function mmiLayout(people: number): Layout {
  const takes: Takes[] = [];
  const images: ImageFile[] = [];
  const texts: TextFile[] = [...strays('Sessions')];
  let session = 0;
  for (let person = 0; person < people; person++) {
    const own = new Takes(person);
    takes.push(own);
    const name = `S${String(person + 1).padStart(3, '0')}`;
    // Of six people one has a session in profile, another one of action units alone, and another one in both views.
    const kinds = [
      ...SHOWN.map((_, k) => (person % 6 === 1 && k === 0 ? 'lying' : 'front')),
      ...(person % 6 === 2 ? ['profile'] : []),
      ...(person % 6 === 3 ? ['units'] : []),
      ...(person % 6 === 4 ? ['dual'] : []),
    ];
    for (const [k, kind] of kinds.entries()) {
      session++;
      const code = ((person + (SHOWN[k] ?? 1)) % classes.length) + 1;
      const stem = `${name}-${String(k + 1).padStart(3, '0')}`;
      const folder = `Sessions/${session}`;
      const lying = kind === 'lying';
      for (const [i, rise] of risingAndFalling(5 + ((person + k) % 3)).entries())
        images.push({
          path: `${folder}/${stem}/${String(i + 1).padStart(5, '0')}.png`,
          take: own.add(classes[code - 1]!, k, rise),
          format: 'png',
          tinted: true,
          lying,
          mirrored: kind === 'dual',
        });
      const coding = `${stem}-oao_aucs.xml`;
      texts.push(
        { path: `${folder}/${stem}.avi`, text: 'RIFF (the clip itself is not part of a miniature)' },
        { path: `${folder}/${stem}.xml`, text: clipText(kind === 'units' ? UNITS_ALONE : code) },
        {
          path: `${folder}/session.xml`,
          text: sessionText(session, person + 1, stem, VIEWS[kind] ?? 0, lying ? null : coding),
        },
      );
      if (!lying)
        texts.push({
          path: `${folder}/${coding}`,
          text: '<?xml version="1.0"?>\n<ActionUnits></ActionUnits>\n',
        });
    }
  }
  return { takes: takes.map(({ all }) => all), images, texts, empty: [`Sessions/${session + 1}`] };
}

const clipText = (code: number): string =>
  `<?xml version="1.0" encoding="utf-8"?>\n<Clip>\n  <Metatag Name="Gaze" Value="1" />\n  <Metatag Name="Emotion" Value="${code}" />\n</Clip>\n`;

const sessionText = (
  id: number,
  subject: number,
  stem: string,
  view: number,
  coding: string | null,
): string =>
  [
    '<?xml version="1.0" encoding="utf-8"?>',
    `<session sessionId="${id}">`,
    `  <subject id="${subject}" />`,
    `  <track view="${view}" filename="${stem}.avi">`,
    `    <annotation filename="${stem}.xml" />`,
    ...(coding === null ? [] : [`    <annotation filename="${coding}" />`]),
    '  </track>',
    '</session>',
    '',
  ].join('\n');
