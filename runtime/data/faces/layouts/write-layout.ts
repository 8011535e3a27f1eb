/** @file `ed2lc synth --layout`: synthetic faces in the layout of a published database, with the irregularities that its readers meet. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { encodeBmp } from '../../bmp.js';
import { codec } from '../../codec.js';
import { LANES } from '../../decode.js';
import { inParallel } from '../../parallel.js';
import { generateTakes, type FaceOrder, type FaceSet } from '../generate.js';
import { writeNewFolder } from '../new-folder.js';
import { faceHeight, faceWidth } from '../render.js';
import { bu3dfeLayout } from './bu-3dfe.js';
import { ckPlusLayout } from './ck-plus.js';
import { fer2013Layout } from './fer2013.js';
import type { ImageFile, Layout, Pictures } from './layout.js';
import { mmiLayout } from './mmi.js';
import { ouluCasiaLayout } from './oulu-casia.js';

const LAYOUTS = {
  ck_plus: ckPlusLayout,
  mmi: mmiLayout,
  bu_3dfe: bu3dfeLayout,
  oulu_casia: ouluCasiaLayout,
  fer2013: fer2013Layout,
} as const;
export type LayoutName = keyof typeof LAYOUTS;

export interface LayoutOrder extends Pick<FaceOrder, 'seed' | 'people' | 'preset'> {
  readonly layout: LayoutName;
}

/**
 * Draws faces and writes them as that database would lie on the disk: written beside `folder` first, and moved there when all is whole.
 * @returns how many images there are, as files or in one.
 * @throws DataError if `folder` is there and not empty. @throws DataSaveError if the disk refuses.
 */
export async function writeLayout(
  folder: string,
  { layout: name, people, seed, preset }: LayoutOrder,
  onProgress: (step: 'drawing' | 'writing', done: number, total: number) => void = () => {},
): Promise<number> {
  return writeNewFolder(folder, async (partial, _, refusals) => {
    const layout = LAYOUTS[name](people);
    const drawn = await generateTakes({ seed, preset, takes: layout.takes }, (done, total) =>
      onProgress('drawing', done, total),
    );
    const pictures = picturesOf(layout, drawn);
    await refusals(async () => {
      const put = async (path: string, content: string | Uint8Array): Promise<void> => {
        const file = join(partial, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, content);
      };
      let done = 0;
      await inParallel(layout.images, LANES, async (image) => {
        await put(image.path, await encoded(image, pictures.pixels(...image.take)));
        onProgress('writing', ++done, layout.images.length);
      });
      for (const { path, text } of layout.texts)
        await put(path, typeof text === 'string' ? text : text(pictures));
      for (const path of layout.empty) await mkdir(join(partial, path), { recursive: true });
    });
    return layout.images.length || layout.takes.flat().length;
  });
}

const SIZE = faceHeight * faceWidth;
/** Of FER2013. */
const SMALL = 48;

function picturesOf(
  { takes }: Layout,
  { pixels, truth }: FaceSet,
): Pictures & { pixels(person: number, take: number): Uint8Array } {
  const starts = takes.map((_, person) => takes.slice(0, person).reduce((n, own) => n + own.length, 0));
  const whole = (person: number, take: number): Uint8Array => {
    const at = starts[person]! + take;
    return pixels.subarray(at * SIZE, (at + 1) * SIZE);
  };
  return {
    pixels: whole,
    truth: (person, take) => truth[starts[person]! + take]!,
    small: (person, take) => shrunk(whole(person, take)),
  };
}

/** Means of the pixels that lie under each. */
function shrunk(pixels: Uint8Array): Uint8Array {
  const small = new Uint8Array(SMALL * SMALL);
  for (let y = 0; y < SMALL; y++)
    for (let x = 0; x < SMALL; x++) {
      let [sum, n] = [0, 0];
      const [top, bottom] = [y, y + 1].map((row) => Math.floor((row * faceHeight) / SMALL)) as [
        number,
        number,
      ];
      const [left, right] = [x, x + 1].map((column) => Math.floor((column * faceWidth) / SMALL)) as [
        number,
        number,
      ];
      for (let row = top; row < bottom; row++)
        for (let column = left; column < right; column++, n++) sum += pixels[row * faceWidth + column]!;
      small[y * SMALL + x] = Math.round(sum / n);
    }
  return small;
}

/** What a camera with a warm white makes of gray. */
const WARM = [1, 0.94, 0.86] as const;

async function encoded(
  { format, tinted, extraRows = 0, lying, mirrored, margin = 0 }: ImageFile,
  pixels: Uint8Array,
): Promise<Uint8Array> {
  let image = codec()(pixels, { raw: { height: faceHeight, width: faceWidth, channels: 1 } });
  if (margin > 0)
    image = image.extract({
      left: margin,
      top: margin,
      width: faceWidth - 2 * margin,
      height: faceHeight - 2 * margin,
    });
  if (extraRows > 0) image = image.extend({ bottom: extraRows, extendWith: 'copy' });
  if (mirrored) image = image.extend({ right: faceWidth, extendWith: 'mirror' });
  if (lying) image = image.rotate(-90);
  if (!tinted && format !== 'bmp') {
    image = image.toColourspace('b-w');
    return format === 'png' ? image.png().toBuffer() : image.jpeg({ quality: 92 }).toBuffer();
  }
  const { data, info } = await image.toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
  const colored = new Uint8Array(3 * info.width * info.height);
  for (let i = 0; i < colored.length; i++)
    colored[i] = Math.round(data[Math.floor(i / 3) * info.channels]! * (tinted ? WARM[i % 3]! : 1));
  const { width, height } = info;
  if (format === 'bmp') return encodeBmp({ height, width, pixels: colored });
  const raw = { width, height, channels: 3 } as const;
  return format === 'jpeg'
    ? codec()(colored, { raw }).jpeg({ quality: 92 }).toBuffer()
    : codec()(colored, { raw }).png().toBuffer();
}
