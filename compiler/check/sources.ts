/** @file `source …` of a data block: which images, and which classes they are known to have. */
import type { DataItem } from '../../grammar/syntax.js';
import type { Arguments } from '../elaborate/arguments.js';
import { parseSignature, type ParameterSpec } from '../elaborate/builtins.js';
import { describe } from '../elaborate/values.js';
import { databaseOf } from '../model/databases.js';
import type { DataIR } from '../model/experiment.js';
import { FER2013_CLASSES, FER_PLUS_CLASSES, SYNTHETIC_CLASSES } from '../model/sources.js';
import { COUNT, WHOLE } from '../scalar/ranges.js';
import type { Settings } from './settings.js';

const asTable = (name: string, header: string, line: string): string =>
  `write \`source manifest("${name}.csv")\`, a table beside the images with the header \`${header}\` and lines such as \`${line}\``;
/** Databases that have no reader of their own, with what reads them. */
const LATER_SOURCES: Readonly<Record<string, string>> = {
  jaffe: asTable('jaffe', 'file,class,subject', 'KA.AN1.39.tiff,anger,KA'),
  // Sessions A and B show the same people.
  kdef: asTable('kdef', 'file,class,subject', 'AF01/AF01ANS.JPG,anger,F01'),
  raf_db: asTable('raf_db', 'file,class', 'Image/aligned/train_00001_aligned.jpg,sadness'),
  affectnet: 'write `source folder("train_set", pattern: "class")` for folders named by class, 0 to 7',
  sfew: 'write `source folder("Train", pattern: "class")` for folders named by class, Angry to Surprise',
};

export const signatures = (
  table: Readonly<Record<string, string>>,
): Readonly<Record<string, readonly ParameterSpec[]>> =>
  Object.fromEntries(Object.entries(table).map(([name, text]) => [name, parseSignature(text)]));

const SOURCES = signatures({
  synthetic_faces: '; people: 60, preset: medium, seed: 1',
  folder: 'path; pattern: "class"',
  manifest: 'path; root: ".", file: none, class: none, subject: none, sequence: none, frame: none',
  fer2013: 'path; part: all',
  fer_plus: 'path; votes: "fer2013new.csv", part: all',
  ck_plus: 'path',
  mmi: 'path; view: any_front',
  bu_3dfe: 'path',
  oulu_casia: 'path; camera: vl, light: strong, images: original',
});
const PARTS = ['all', 'training', 'public', 'private'] as const;

/** Fails if there is none, or it needs what is not yet supported. */
export function sourceOf(item: DataItem, settings: Settings): DataIR['source'] {
  const expr = settings.one('source');
  if (!expr)
    return settings.report.fail('ED6002', item.name.span, `\`${item.name.text}\` has no source`, {
      hint: 'write `source folder("path")` or `source synthetic_faces()`',
    });
  const name = expr.kind === 'call' && expr.callee.kind === 'name' ? expr.callee.text : '';
  if (Object.hasOwn(LATER_SOURCES, name))
    return settings.report.fail('ED8001', expr.span, `the source \`${name}\` is not yet supported`, {
      hint: LATER_SOURCES[name]!,
    });
  const args = settings.call(expr, 'source', SOURCES);
  const path = (): string => textOf(args, 'path');
  switch (args.name) {
    case 'folder':
      return { kind: 'folder', path: path(), pattern: textOf(args, 'pattern') };
    case 'fer2013':
      return { kind: 'fer2013', path: path(), part: args.choice('part', PARTS) };
    case 'fer_plus':
      return {
        kind: 'fer_plus',
        path: path(),
        votes: textOf(args, 'votes'),
        part: args.choice('part', PARTS),
      };
    case 'ck_plus':
    case 'bu_3dfe':
      return { kind: args.name, path: path() };
    case 'mmi':
      return { kind: 'mmi', path: path(), view: args.choice('view', ['any_front', 'front', 'dual']) };
    case 'oulu_casia':
      return {
        kind: 'oulu_casia',
        path: path(),
        camera: args.choice('camera', ['vl', 'ni']),
        light: args.choice('light', ['strong', 'weak', 'dark']),
        images: args.choice('images', ['original', 'cropped']),
      };
    case 'manifest':
      return {
        kind: 'manifest',
        path: path(),
        root: textOf(args, 'root'),
        columns: {
          file: columnOf(args, 'file'),
          class: columnOf(args, 'class'),
          subject: columnOf(args, 'subject'),
          sequence: columnOf(args, 'sequence'),
          frame: columnOf(args, 'frame'),
        },
      };
    default:
      return {
        kind: 'synthetic_faces',
        people: args.fixed('people', COUNT),
        preset: args.choice('preset', ['easy', 'medium', 'hard']),
        seed: args.fixed('seed', WHOLE),
      };
  }
}

/** Class names in index order that a source has whatever its files say; null where only the files tell. */
export function tableOf({ kind }: DataIR['source']): readonly string[] | null {
  if (kind === 'synthetic_faces') return SYNTHETIC_CLASSES;
  if (kind === 'fer2013') return FER2013_CLASSES;
  if (kind === 'fer_plus') return FER_PLUS_CLASSES;
  return databaseOf(kind)?.classes ?? null;
}

export function textOf(args: Arguments, parameter: string): string {
  const value = args.value(parameter);
  if (value.kind === 'string') return value.value;
  return args.report.fail(
    'ED6003',
    args.spanOf(parameter),
    `\`${parameter}\` of \`${args.name}\` is a text in quotes, not ${describe(value)}`,
    { hint: `write \`${parameter}: "…"\`` },
  );
}

/** The name of a column; null: the usual one. */
export const columnOf = (args: Arguments, parameter: string): string | null =>
  args.word(parameter, ['none']) === undefined ? textOf(args, parameter) : null;
