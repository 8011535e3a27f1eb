/** @file Which part of an image a network sees. */
import type { DataIR } from '../../compiler/model/experiment.js';
import { DataError } from './errors.js';

export type Crops = DataIR['crops'];

/** The upper left pixel of a crop, and whether it is mirrored after cutting. */
export interface View {
  readonly y: number;
  readonly x: number;
  readonly mirrored: boolean;
}

/** What batches hold. @throws DataError if a crop is larger than the images. */
export function viewSize(
  crops: Crops,
  image: { readonly name: string; readonly height: number; readonly width: number },
): { height: number; width: number } {
  if (!crops) return { height: image.height, width: image.width };
  if (crops.height > image.height || crops.width > image.width)
    throw new DataError(
      `${image.name}: crops of ${crops.height}x${crops.width} do not fit in images of ${image.height}x${image.width}`,
    );
  return { height: crops.height, width: crops.width };
}

/** The centre; an odd rest leaves the spare row or column below or right. */
export function centreView(crops: Crops, height: number, width: number): View {
  if (!crops) return { y: 0, x: 0, mirrored: false };
  return { y: (height - crops.height) >> 1, x: (width - crops.width) >> 1, mirrored: false };
}

/**
 * Four corners and the centre, then the same mirrored; in 128x110 images, crops of 112x96 begin at (y, x) =
 * (0,0) (0,14) (16,0) (16,14) (8,7).
 */
export function tenViews(crops: NonNullable<Crops>, height: number, width: number): readonly View[] {
  const bottom = height - crops.height;
  const right = width - crops.width;
  const corners = [0, bottom].flatMap((y) => [0, right].map((x): View => ({ y, x, mirrored: false })));
  const plain = [...corners, centreView(crops, height, width)];
  return [...plain, ...plain.map((view) => ({ ...view, mirrored: true }))];
}

/** What is judged of an image: ten views, or the centre (also for random crops), or all of it. */
export function evaluationViews(crops: Crops, height: number, width: number): readonly View[] {
  return crops?.kind === 'ten' || crops?.kind === 'one_of_ten'
    ? tenViews(crops, height, width)
    : [centreView(crops, height, width)];
}
