/**
 * @file MTCNN (Zhang et al. 2016): faces with five landmarks, found at many sizes by the first network, sifted by the second, judged and
 * marked by the third. Coordinates stay real numbers from end to end.
 */
import { moved, squared, suppress, type Box } from './boxes.js';
import { SIDES, type Networks } from './networks.js';
import { resample, type Picture } from './resample.js';

export type Point = readonly [x: number, y: number];

/** In pixels of the image, the centre of the first pixel at (0, 0); pairs from left to right in the image. */
export type FivePoints = readonly [eye: Point, eye: Point, nose: Point, mouth: Point, mouth: Point];

export interface Face extends Box {
  readonly points: FivePoints;
}

/** Raised when the same image would give other faces; part of the key of what is made with them. */
export const detectorVersion = 1;

/** Pixels of the smallest face, in the image as it is looked at. */
const SMALLEST = 20;
/** From one size to the next. */
const FACTOR = 0.709;
/** What each network must be sure of. */
const SURE = [0.6, 0.7, 0.7] as const;
const CELL = SIDES.pnet;
const STRIDE = 2;
/** Windows to a side of what the first network sees at once, and to what multiples they are filled up. */
const TILE = 256;
const ROUND = 16;

/** The best first. */
export function detect(networks: Networks, picture: Picture): Face[] {
  const found = sizesOf(picture).flatMap((size) => {
    const boxes = scan(networks, picture, size);
    return suppress(boxes, 0.5, 'union').map((i) => boxes[i]!);
  });
  const proposed = suppress(found, 0.7, 'union').map((i) => squared(moved(found[i]!, found[i]!.offsets)));
  const refined = refine(networks, picture, proposed);
  return mark(networks, picture, refined);
}

interface Size {
  readonly height: number;
  readonly width: number;
}

/** Sides are even, so that the first network's pooling leaves no rest. */
function sizesOf({ height, width }: Size): Size[] {
  const sizes: Size[] = [];
  const even = (n: number): number => 2 * Math.ceil(n / 2);
  for (let scale = CELL / SMALLEST; scale * Math.min(height, width) >= CELL; scale *= FACTOR)
    sizes.push({ height: even(height * scale), width: even(width * scale) });
  return sizes;
}

type Proposal = Box & { readonly offsets: Float32Array };

/** Windows of the image at one size that may be faces. The image is seen in tiles: memory is bounded, and kernels are of few sizes. */
function scan(networks: Networks, picture: Picture, size: Size): Proposal[] {
  const whole = { left: 0, top: 0, right: picture.width, bottom: picture.height };
  const scaled = new Float32Array(size.height * size.width * 3);
  resample(picture, whole, size, 'nothing', scaled);
  normalize(scaled);
  const [down, across] = [picture.height / size.height, picture.width / size.width];
  const [rows, columns] = [cellsOf(size.height), cellsOf(size.width)];
  const proposals: Proposal[] = [];
  for (let row = 0; row < rows; row += TILE)
    for (let column = 0; column < columns; column += TILE) {
      const own = [Math.min(TILE, rows - row), Math.min(TILE, columns - column)] as const;
      const [height, width] = own.map((n) => STRIDE * (ROUND * Math.ceil(n / ROUND) - 1) + CELL) as [
        number,
        number,
      ];
      const tile = cut(scaled, size, STRIDE * row, STRIDE * column, height, width);
      const { scores, offsets } = networks.scan(tile, height, width);
      const perRow = cellsOf(width);
      for (let i = 0; i < own[0]; i++)
        for (let j = 0; j < own[1]; j++) {
          const at = i * perRow + j;
          if (!(scores[at]! >= SURE[0])) continue;
          const [y, x] = [STRIDE * (row + i), STRIDE * (column + j)];
          proposals.push({
            left: x * across,
            top: y * down,
            right: (x + CELL) * across,
            bottom: (y + CELL) * down,
            score: scores[at]!,
            offsets: offsets.subarray(4 * at, 4 * at + 4),
          });
        }
    }
  return proposals;
}

const cellsOf = (size: number): number => (size - CELL) / STRIDE + 1;

/** A tile of a scaled image; beyond the image it is mid-gray, which no window that counts sees. */
function cut(
  image: Float32Array,
  { height, width }: Size,
  y: number,
  x: number,
  rows: number,
  columns: number,
): Float32Array {
  const tile = new Float32Array(rows * columns * 3);
  const own = Math.min(columns, width - x);
  for (let i = 0; i < Math.min(rows, height - y); i++)
    tile.set(image.subarray(((y + i) * width + x) * 3, ((y + i) * width + x + own) * 3), i * columns * 3);
  return tile;
}

function normalize(pixels: Float32Array): void {
  for (let i = 0; i < pixels.length; i++) pixels[i] = (pixels[i]! - 127.5) / 128;
}

/** What a network looks at: each box as a square of its size. */
function windows(picture: Picture, boxes: readonly Box[], side: number): Float32Array {
  const pixels = new Float32Array(boxes.length * side * side * 3);
  const size = { height: side, width: side };
  boxes.forEach((box, i) => resample(picture, box, size, 'black', pixels, i * side * side * 3));
  normalize(pixels);
  return pixels;
}

function refine(networks: Networks, picture: Picture, proposed: readonly Box[]): Box[] {
  const { scores, offsets } = networks.judge('rnet', windows(picture, proposed, SIDES.rnet), proposed.length);
  const sure = proposed.flatMap((box, i) =>
    scores[i]! >= SURE[1] ? [{ ...box, score: scores[i]!, i }] : [],
  );
  return suppress(sure, 0.7, 'union').map((k) => {
    const { i, ...box } = sure[k]!;
    return squared(moved(box, offsets.subarray(4 * i, 4 * i + 4)));
  });
}

/** Landmarks are told within the box that was looked at, before it is moved a last time. */
function mark(networks: Networks, picture: Picture, boxes: readonly Box[]): Face[] {
  const { scores, offsets, landmarks } = networks.judge(
    'onet',
    windows(picture, boxes, SIDES.onet),
    boxes.length,
  );
  const faces = boxes.flatMap((box, i): Face[] => {
    if (!(scores[i]! >= SURE[2])) return [];
    const points = pointsIn(box, landmarks.subarray(10 * i, 10 * i + 10));
    return [{ ...moved(box, offsets.subarray(4 * i, 4 * i + 4)), score: scores[i]!, points }];
  });
  return suppress(faces, 0.7, 'smaller').map((i) => faces[i]!);
}

function pointsIn({ left, top, right, bottom }: Box, at: Float32Array): FivePoints {
  return Array.from({ length: 5 }, (_, k) => [
    left + (right - left) * at[k]! - 0.5,
    top + (bottom - top) * at[k + 5]! - 0.5,
  ]) as unknown as FivePoints;
}
