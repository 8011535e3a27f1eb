/** @file FER2013 in miniature: one CSV file of 48 by 48 faces, and the votes of FER+ for each of its rows. */
import { FER2013_CLASSES, FER_PLUS_CLASSES } from '../../../../compiler/model/sources.js';
import { random } from '../../random.js';
import { shots } from '../generate.js';
import { Takes, type Layout, type Pictures } from './layout.js';

const VOTERS = 10;
/** Nobody agrees on these, and these are no face at all: one row in so many. */
const UNKNOWN = 40;
const NO_FACE = 90;

interface Row {
  readonly take: readonly [number, number];
  readonly label: number;
  /** What voters see, if they are sure. */
  readonly seen: string;
  readonly usage: string;
}

/** Of ten people eight are for training, one for each of the other parts. */
const usageOf = (person: number, people: number): string =>
  person < Math.ceil(people * 0.8)
    ? 'Training'
    : person < Math.ceil(people * 0.9)
      ? 'PublicTest'
      : 'PrivateTest';

export function fer2013Layout(people: number): Layout {
  const takes: Takes[] = [];
  const rows: Row[] = [];
  for (let person = 0; person < people; person++) {
    const own = new Takes(person);
    takes.push(own);
    for (const [label, expression] of FER2013_CLASSES.entries())
      for (let shot = 0; shot < shots; shot++) {
        // A class of FER+ alone: FER2013 has such faces under other names.
        const seen = expression === 'neutral' && shot === 0 && person % 2 === 0 ? 'contempt' : expression;
        rows.push({ take: own.add(seen, shot), label, seen, usage: usageOf(person, people) });
      }
  }
  random('fer2013 rows', people).shuffle(rows);
  rows.sort((a, b) => order(a.usage) - order(b.usage));
  return {
    takes: takes.map(({ all }) => all),
    images: [],
    texts: [
      { path: 'fer2013.csv', text: (pictures) => facesText(rows, pictures) },
      { path: 'fer2013new.csv', text: votesText(rows) },
      { path: '.DS_Store', text: '\0\0\0\u0001Bud1' },
    ],
    empty: [],
  };
}

const order = (usage: string): number => ['Training', 'PublicTest', 'PrivateTest'].indexOf(usage);

const facesText = (rows: readonly Row[], { small }: Pictures): string =>
  [
    'emotion,pixels,Usage',
    ...rows.map(({ take, label, usage }) => `${label},${small(...take).join(' ')},${usage}`),
    '',
  ].join('\n');

function votesText(rows: readonly Row[]): string {
  const from = random('fer2013 votes', rows.length);
  const lines = rows.map(({ seen, usage }, i) => {
    const votes = [...FER_PLUS_CLASSES, 'unknown', 'NF'].map(() => 0);
    const noFace = i % NO_FACE === NO_FACE - 1;
    const right = (FER_PLUS_CLASSES as readonly string[]).indexOf(seen);
    for (let voter = 0; voter < VOTERS; voter++) {
      const sure = i % UNKNOWN === UNKNOWN - 1 ? 0 : 0.8;
      const vote = noFace
        ? votes.length - 1
        : from.chance(sure)
          ? right
          : Math.floor(from.uniform(0, votes.length - 1));
      votes[vote]!++;
    }
    return `${usage},${noFace ? '' : `fer${String(i).padStart(7, '0')}.png`},${votes.join(',')}`;
  });
  return `Usage,Image name,${FER_PLUS_CLASSES.join(',')},unknown,NF\n${lines.join('\n')}\n`;
}
