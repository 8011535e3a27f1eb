/** @file Synthetic faces as files: an image each in `person/class` folders, what is true of each as JSON, and a sheet to look at. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type sharp from 'sharp';
import { codec } from '../codec.js';
import type { Dataset } from '../dataset.js';
import { contactSheet } from './contact-sheet.js';
import { defaultExpressions } from './expressions.js';
import { generateFaces, personName, shots, type FaceOrder } from './generate.js';
import { writeNewFolder } from './new-folder.js';
import { faceHeight, faceWidth, type Truth } from './render.js';

export interface FaceFolderOrder extends Omit<FaceOrder, 'expressions'> {
  /** Default: the seven of the paper, without `neutral`. */
  readonly expressions?: readonly string[];
  /** Default: 128 x 110 pixels. */
  readonly size?: readonly [height: number, width: number];
}

export interface FaceFolder {
  /** Absolute. */
  readonly folder: string;
  readonly images: number;
}

const SHEET = 'contact-sheet.png';
const TRUTH = 'truth.json';

/**
 * Draws faces and writes `folder/person/class/N.png` (gray, N from 1), which `source folder("…", pattern: "subject/class")` reads back,
 * with `contact-sheet.png` (the first twelve people) and `truth.json` beside them. Everything is written next to `folder` first, and moved
 * there when all is whole.
 * @param onProgress people drawn, then images written.
 * @throws DataError if `folder` is there and not empty; for an unknown expression or no people. @throws DataSaveError if the disk refuses.
 */
export async function writeFaces(
  folder: string,
  { expressions = defaultExpressions, size = [faceHeight, faceWidth], ...order }: FaceFolderOrder,
  onProgress: (step: 'drawing' | 'writing', done: number, total: number) => void = () => {},
): Promise<FaceFolder> {
  return writeNewFolder(folder, async (partial, target, refusals) => {
    const { pixels, truth } = await generateFaces({ ...order, expressions }, (done, total) =>
      onProgress('drawing', done, total),
    );
    const [height, width] = size;
    const images = await scaled(pixels, truth.length, height, width);
    const files = truth.map(
      ({ person, expression, number }) =>
        `${personName(person, order.people)}/${expression}/${number + 1}.png`,
    );
    const dataset: Dataset = {
      name: target,
      classes: expressions,
      height,
      width,
      channels: 1,
      samples: truth.map(({ person, expression }, i) => ({
        id: files[i]!,
        label: expressions.indexOf(expression),
        subject: personName(person, order.people),
        sequence: files[i]!,
      })),
      pixels: images,
      fields: [],
      otherColumns: [],
      sizes: [],
      dropped: [],
    };
    await refusals(async () => {
      for (const [i, file] of files.entries()) {
        if (truth[i]!.number === 0) await mkdir(join(partial, dirname(file)), { recursive: true });
        await writeFile(join(partial, file), await png(images, i, height, width));
        onProgress('writing', i + 1, files.length);
      }
      await writeFile(join(partial, SHEET), await contactSheet(dataset));
      await writeFile(join(partial, TRUTH), truthText({ ...order, expressions }, size, truth, files));
    });
    return { folder: target, images: files.length };
  });
}

async function scaled(pixels: Uint8Array, count: number, height: number, width: number): Promise<Uint8Array> {
  if (height === faceHeight && width === faceWidth) return pixels;
  const whole = faceHeight * faceWidth;
  const result = new Uint8Array(count * height * width);
  for (let i = 0; i < count; i++) {
    const small = await gray(pixels.subarray(i * whole, (i + 1) * whole), faceHeight, faceWidth)
      .resize({ height, width, fit: 'fill' })
      .toColourspace('b-w')
      .raw()
      .toBuffer();
    result.set(small, i * height * width);
  }
  return result;
}

function png(images: Uint8Array, i: number, height: number, width: number): Promise<Buffer> {
  const size = height * width;
  return gray(images.subarray(i * size, (i + 1) * size), height, width)
    .toColourspace('b-w')
    .png()
    .toBuffer();
}

const gray = (pixels: Uint8Array, height: number, width: number): sharp.Sharp =>
  codec()(pixels, { raw: { height, width, channels: 1 } });

/** One line per image: small, and readable by line tools. */
function truthText(
  { seed, people, preset, expressions }: FaceOrder,
  [height, width]: readonly [number, number],
  truth: readonly Truth[],
  files: readonly string[],
): string {
  const head = JSON.stringify({ seed, people, preset, expressions, shots, height, width });
  const lines = truth.map((face, i) => JSON.stringify(describe(face, files[i]!)));
  return `{"format":"ed2l-faces","version":1,"order":${head},"images":[\n${lines.join(',\n')}\n]}\n`;
}

/** Angles in radians, activations per action unit as [image left, image right] with 1 for the full pose, age from 0 (young) to 1. */
function describe({ person, expression, shot, activations, glasses, age }: Truth, file: string): object {
  const units = [...activations].map(([unit, sides]) => [unit, sides.map(rounded)] as const);
  return {
    file,
    person: person + 1,
    expression,
    intensity: rounded(shot.intensity),
    units: Object.fromEntries(units),
    glasses,
    age: rounded(age),
    light: mapped(shot.light),
    pose: mapped(shot.pose),
  };
}

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;
const mapped = (values: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, rounded(value)]));
