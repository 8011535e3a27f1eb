/** @file Data blocks: where images come from and what happens to each before a model sees it. */
import type { DataItem, Expr } from '../../grammar/syntax.js';
import { COUNT, POSITIVE, SHARE, WHOLE, type Range } from '../scalar/ranges.js';
import type { Shared } from '../elaborate/environment.js';
import { databaseOf, NEUTRAL } from '../model/databases.js';
import type { AlignIR, DataIR } from '../model/experiment.js';
import type { FileScope } from './scope.js';
import { Settings } from './settings.js';
import { columnOf, signatures, sourceOf, tableOf, textOf } from './sources.js';
import { notYet } from './unsupported.js';
import { suggestion } from '../diagnostics/suggestion.js';

const SETTINGS = [
  'source',
  'classes',
  'frames',
  'align',
  'resize',
  'color',
  'pixels',
  'crops',
  'augment',
  'balance',
  'pairs',
  'folds',
];
const LATER_SETTINGS = ['pairs'];

const FRAMES = signatures({ all: '', first: 'count', middle: 'count', last: 'count' });
const ALIGNS = signatures({
  mtcnn: 'height, width; template: scaled, upscale: 1, face: center, missing: resize',
  landmarks: 'height, width; template: scaled',
});
const RESIZE = signatures({ to: 'height, width; kernel: lanczos' });
const COLORS = signatures({ gray: '; weights: bt601', rgb: '' });
const PIXELS = signatures({ scaled: '; mean: 127.5, by: 128', standardized: '' });
const CROPS = signatures({
  ten: 'height, width; epoch: all',
  center: 'height, width',
  random: 'height, width',
});
const ANGLE: Range = {
  text: 'an angle in degrees, above 0 and at most 180',
  holds: (n) => n > 0 && n <= 180,
};
const AUGMENTS = signatures({
  flip: '',
  shift: '; amount: 4, border: replicate',
  rotate: '; amount: 10, border: replicate',
  jitter: '; amount: 0.1',
});
const BALANCES = signatures({ none: '', sampler: '' });
const FOLDS = signatures({
  blocks: 'count; by: subject, remainder: spread',
  strided: 'count; by: subject',
  shuffled: 'count; by: subject, seed: 1',
  file: 'path; subject: none, fold: none',
});

/** Undefined if it has errors or needs what is not yet supported; either is reported. */
export function checkData(item: DataItem, scope: FileScope, shared: Shared): DataIR | undefined {
  const { report } = shared;
  const settings = new Settings(`data \`${item.name.text}\``, item.settings, SETTINGS, scope, shared);
  const later = LATER_SETTINGS.flatMap((name) => settings.get(name) ?? []);
  for (const setting of later) notYet(report, setting.name.span, `\`${setting.name.text}\``);
  let sound = later.length === 0;
  // A setting may be absent (null); only a failure is undefined.
  const read = <T>(work: () => T): T | undefined => {
    const result = report.attempt(work);
    if (result === undefined) sound = false;
    return result;
  };
  const source = read(() => sourceOf(item, settings));
  const classes = read(() => classesOf(item, settings, source));
  const frames = read(() => framesOf(settings, source));
  const resize = read(() => sizeOf(settings));
  const color = read(() => colorOf(settings));
  const pixels = read(() => pixelsOf(settings));
  const align = read(() => alignOf(settings));
  const crops = read(() => cropsOf(settings, align ? [align.height, align.width] : (resize?.size ?? null)));
  const augment = read(() => augmentOf(settings));
  const balance = read(() =>
    settings.one('balance') ? settings.call(settings.one('balance')!, 'balance', BALANCES).name : 'none',
  );
  const folds = read(() => foldsOf(settings));
  if (!sound) return undefined;
  return {
    name: item.name.text,
    source: source!,
    classes: classes!,
    frames: frames!,
    ...(align && { align }),
    resize: resize!.size,
    ...(resize!.kernel && { kernel: resize!.kernel }),
    ...color!,
    pixels: pixels!,
    crops: crops!,
    augment: augment!,
    balance: balance as DataIR['balance'],
    folds: folds!,
    span: item.name.span,
  };
}

/** Class names in index order; null where only the folder knows them. */
function classesOf(
  item: DataItem,
  settings: Settings,
  source: DataIR['source'] | undefined,
): DataIR['classes'] {
  const setting = settings.get('classes');
  const table = source ? tableOf(source) : null;
  if (!setting) return table;
  const names = setting.values.map((e) => classNameOf(e, settings));
  const twice = names.findIndex((n, i) => names.indexOf(n) < i);
  if (twice >= 0)
    settings.report.fail(
      'ED6009',
      setting.values[twice]!.span,
      `the class \`${names[twice]}\` is listed twice`,
      {
        labels: [{ span: setting.values[names.indexOf(names[twice]!)]!.span, message: 'the first' }],
        hint: 'leave one of them out',
      },
    );
  const known: string[] | null = table && [...new Set([...table, NEUTRAL])];
  for (const [i, name] of names.entries()) {
    if (known && !known.includes(name)) {
      settings.report.fail(
        'ED6003',
        setting.values[i]!.span,
        `\`${item.name.text}\` has no class \`${name}\``,
        suggestion({ text: name, span: setting.values[i]!.span }, known),
      );
    }
  }
  return names;
}

function classNameOf(expr: Expr, settings: Settings): string {
  if (expr.kind === 'name' || expr.kind === 'number') return expr.text;
  return settings.report.fail('ED6003', expr.span, 'a class is a name or a number', {
    hint: 'write, for example, `classes happy, sad`',
  });
}

function framesOf(settings: Settings, source: DataIR['source'] | undefined): DataIR['frames'] {
  const expr = settings.one('frames');
  const database = source && databaseOf(source.kind);
  if (!expr) return database?.frames ?? null;
  const args = settings.call(expr, 'choice of frames', FRAMES);
  if (args.name === 'all') return null;
  const count = args.fixed('count', COUNT);
  if (source && source.kind !== 'manifest' && !database)
    settings.report.fail(
      'ED6003',
      settings.get('frames')!.span,
      `\`frames\` chooses among the images of a sequence, and \`${source.kind}\` has no sequences`,
      { hint: 'leave it out, or list the images in a manifest with a column `sequence`' },
    );
  return { kind: args.name as 'first', count };
}

function alignOf(settings: Settings): AlignIR | null {
  const expr = settings.one('align');
  if (!expr) return null;
  const args = settings.call(expr, 'alignment', ALIGNS);
  const common = {
    height: args.fixed('height', COUNT),
    width: args.fixed('width', COUNT),
    template: args.choice('template', ['scaled', 'padded']),
  };
  const resize = settings.get('resize');
  if (resize)
    settings.report.fail(
      'ED6003',
      resize.span,
      `\`align\` gives images of ${common.height} by ${common.width} already`,
      {
        labels: [{ span: settings.get('align')!.span, message: 'this aligns' }],
        hint: 'leave one of the two out',
      },
    );
  if (args.name === 'landmarks') return { kind: 'landmarks', ...common };
  return {
    kind: 'mtcnn',
    ...common,
    upscale: args.fixed('upscale', POSITIVE),
    face: args.choice('face', ['center', 'largest', 'best']),
    missing: args.choice('missing', ['resize', 'center', 'neighbor', 'drop', 'error']),
  };
}

type Resized = { readonly size: DataIR['resize'] } & Pick<DataIR, 'kernel'>;

function sizeOf(settings: Settings): Resized {
  const expr = settings.one('resize');
  if (!expr) return { size: null };
  const args = settings.call(expr, 'resize', RESIZE);
  const size = [args.fixed('height', COUNT), args.fixed('width', COUNT)] as const;
  const kernel = args.choice('kernel', ['lanczos', 'bilinear', 'bicubic', 'nearest']);
  return kernel === 'lanczos' ? { size } : { size, kernel };
}

/** What red, green and blue count: ITU-R BT.709, and the plain mean. */
const GRAYS = { bt709: [0.2126, 0.7152, 0.0722], mean: [1 / 3, 1 / 3, 1 / 3] } as const;

function colorOf(settings: Settings): Pick<DataIR, 'color' | 'gray'> {
  const expr = settings.one('color');
  if (!expr) return { color: 'gray' };
  const args = settings.call(expr, 'color', COLORS);
  if (args.name === 'rgb') return { color: 'rgb' };
  const weights = args.choice('weights', ['bt601', 'bt709', 'mean']);
  return { color: 'gray', ...(weights !== 'bt601' && { gray: GRAYS[weights] }) };
}

function pixelsOf(settings: Settings): DataIR['pixels'] {
  const expr = settings.one('pixels');
  if (!expr) return { mean: 127.5, by: 128 };
  const args = settings.call(expr, 'pixels', PIXELS);
  if (args.name === 'standardized') return 'standardized';
  return { mean: args.fixed('mean'), by: args.fixed('by', POSITIVE) };
}

function cropsOf(settings: Settings, resize: readonly [number, number] | null): DataIR['crops'] {
  const expr = settings.one('crops');
  if (!expr) return null;
  const args = settings.call(expr, 'crops', CROPS);
  const [height, width] = [args.fixed('height', COUNT), args.fixed('width', COUNT)];
  if (resize && (height > resize[0] || width > resize[1])) {
    settings.report.fail(
      'ED6003',
      expr.span,
      `a crop of ${height} by ${width} does not fit into ${resize[0]} by ${resize[1]}`,
      {
        label: `${height} by ${width}`,
        labels: [
          {
            span: (settings.get('resize') ?? settings.get('align'))!.span,
            message: `${resize[0]} by ${resize[1]}`,
          },
        ],
        hint: 'crop at most the size of the image',
      },
    );
  }
  const one = args.name === 'ten' && args.choice('epoch', ['all', 'one']) === 'one';
  return { kind: one ? 'one_of_ten' : (args.name as 'ten'), height, width };
}

function augmentOf(settings: Settings): DataIR['augment'] {
  return (settings.get('augment')?.values ?? []).map((expr) => {
    const args = settings.call(expr, 'augmentation', AUGMENTS);
    const kind = args.name as DataIR['augment'][number]['kind'];
    if (kind === 'flip') return { kind, amount: 0 };
    const amount = args.fixed('amount', kind === 'shift' ? COUNT : kind === 'rotate' ? ANGLE : SHARE);
    if (kind === 'jitter' || args.choice('border', ['replicate', 'constant']) === 'replicate')
      return { kind, amount };
    return { kind, amount, border: 'constant' };
  });
}

function foldsOf(settings: Settings): DataIR['folds'] {
  const expr = settings.one('folds');
  if (!expr) return null;
  const args = settings.call(expr, 'folds', FOLDS);
  if (args.name === 'file')
    return {
      kind: 'file',
      path: textOf(args, 'path'),
      columns: { subject: columnOf(args, 'subject'), fold: columnOf(args, 'fold') },
    };
  args.choice('by', ['subject']);
  const count = args.fixed('count', {
    text: 'a whole number of at least 2',
    holds: (n) => Number.isSafeInteger(n) && n >= 2,
  });
  const remainder = args.name === 'blocks' ? args.choice('remainder', ['spread', 'ceil', 'floor']) : 'spread';
  return {
    kind: args.name as 'blocks',
    count,
    seed: args.name === 'shuffled' ? args.fixed('seed', WHOLE) : 1,
    ...(remainder !== 'spread' && { remainder }),
  };
}
