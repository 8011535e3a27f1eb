/**
 * @file Convolutions of 3 by 3 with stride 1 and the gradients of their kernels, as the shares of threads that each take some of the images.
 *
 * A block of images is cut into tiles of 6 by 6 pixels that overlap by two; what a tile becomes lies in 36 planes, and each plane takes part
 * in one product. So a block's numbers stay in the processor's cache from the first transformation to the last. In a plane, tiles and channels
 * lie in squares of four by four; transformed kernels lie in strips of eight filters.
 */
import type { Routines } from './routines.js';

export interface Shape {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Of the result. */
  readonly rows: number;
  readonly columns: number;
  readonly filters: number;
  /** Padding above and to the left. */
  readonly top: number;
  readonly left: number;
}

const PLANES = 36;
/** Of the result, along each side of a tile. */
const TILE = 4;
const FLOAT = 4;
/** Enough tiles for the products to be worth their start, and few enough for the cache. */
const TILES = 128;

type Weights = Pick<Shape, 'channels' | 'filters'>;

/** Planes an odd number of the cache's lines apart do not push each other out of it. */
const apart = (bytes: number): number => bytes | 64;

const kernelPlane = ({ channels, filters }: Weights): number => apart(channels * filters * FLOAT);

/** Bytes of all planes of transformed kernels. */
export const kernelBytes = (shape: Weights): number => PLANES * kernelPlane(shape);

/** Planes of tiles at an address. */
interface Tiles {
  readonly at: number;
  readonly channels: number;
  /** Bytes from four tiles to the next four. */
  readonly step: number;
  readonly plane: number;
}

/** An image with room for whole tiles at an address. */
interface Frame {
  readonly at: number;
  readonly channels: number;
  readonly width: number;
  readonly bytes: number;
}

interface Work {
  readonly down: number;
  readonly across: number;
  /** Images in a block. */
  readonly images: number;
  readonly input: Tiles;
  readonly output: Tiles;
  readonly image: Frame;
  readonly result: Frame;
  /** Where the memory of the next thread begins. */
  readonly end: number;
}

/** What lies where in the memory of one thread that begins at `at`. */
function workAt(at: number, { batch, rows, columns, channels, filters }: Shape): Work {
  const [down, across] = [Math.ceil(rows / TILE), Math.ceil(columns / TILE)];
  const images = Math.min(batch, Math.ceil(TILES / (down * across)));
  const fours = Math.ceil((images * down * across) / 4);
  let end = at;
  const tiles = (depth: number): Tiles => {
    const step = apart(16 * depth);
    const made = { at: end, channels: depth, step, plane: apart(fours * step) };
    end += PLANES * made.plane;
    return made;
  };
  const frame = (depth: number, border: number): Frame => {
    const width = across * TILE + border;
    const made = { at: end, channels: depth, width, bytes: (down * TILE + border) * width * depth * FLOAT };
    end += made.bytes;
    return made;
  };
  const [input, output] = [tiles(channels), tiles(filters)];
  const [image, result] = [frame(channels, 2), frame(filters, 0)];
  return { down, across, images, input, output, image, result, end };
}

export const workBytes = (shape: Shape): number => workAt(0, shape).end;

/** Of `n` things, those of this thread. */
export const shareOf = (n: number, thread: number, threads: number): readonly [from: number, to: number] => [
  Math.floor((n * thread) / threads),
  Math.floor((n * (thread + 1)) / threads),
];

/** Calls `transform` with the address of every tile's first pixel in the frame, and its place in the first plane. */
function eachTile(
  { down, across }: Work,
  frame: Frame,
  tiles: Tiles,
  index: number,
  transform: (pixel: number, place: number) => void,
): void {
  const pixel = frame.channels * FLOAT;
  for (let i = 0; i < down; i++) {
    for (let j = 0; j < across; j++) {
      const tile = (index * down + i) * across + j;
      transform(
        frame.at + TILE * (i * frame.width + j) * pixel,
        tiles.at + (tile >> 2) * tiles.step + (tile & 3) * 16,
      );
    }
  }
}

/** Tiles after the last, up to a multiple of four, become zeros. */
function zeroRest(routines: Routines, tiles: Tiles, count: number): void {
  if (count % 4 === 0) return;
  for (let plane = 0; plane < PLANES; plane++)
    routines.zero(tiles.at + plane * tiles.plane + (count >> 2) * tiles.step, 16 * tiles.channels);
}

/** Transforms the images from `first` on into tiles: image by image through a frame that has the padding. */
function cut(
  routines: Routines,
  work: Work,
  source: { readonly at: number; readonly height: number; readonly width: number },
  place: { readonly frame: Frame; readonly tiles: Tiles; readonly top: number; readonly left: number },
  transform: Routines['transformInput'],
  images: number,
): void {
  const { frame, tiles, top, left } = place;
  const pixel = frame.channels * FLOAT;
  const [row, frameRow] = [source.width * pixel, frame.width * pixel];
  zeroRest(routines, tiles, images * work.down * work.across);
  for (let index = 0; index < images; index++) {
    const to = frame.at + (top * frame.width + left) * pixel;
    const from = source.at + index * source.height * row;
    routines.copyRows(to, frameRow, from, row, row, source.height);
    eachTile(work, frame, tiles, index, (at, tile) =>
      transform(at, frameRow, pixel, 16, tile, 6 * tiles.plane, tiles.plane, 64, frame.channels / 4),
    );
  }
}

/** Transforms kernels [3, 3, channels, filters] into planes at `planes`, or planes back; of all channels, this thread's. */
export function kernelPlanes(
  transform: Routines['transformKernel'],
  back: boolean,
  kernel: number,
  planes: number,
  shape: Weights,
  [first, end]: readonly [number, number],
): void {
  const { channels, filters } = shape;
  const tap = channels * filters * FLOAT;
  const plane = kernelPlane(shape);
  for (let channel = first; channel < end; channel++) {
    for (const half of [0, 16]) {
      const outside = [kernel + channel * filters * FLOAT + half, 3 * tap, tap, 32];
      const inside = [planes + channel * 32 + half, 6 * plane, plane, channels * 32];
      const [from, to] = back ? [inside, outside] : [outside, inside];
      transform(...from, ...to, filters / 8);
    }
  }
}

/** y = x * kernel, of this thread's images; `kernel` is in planes already. */
export function convolve(
  routines: Routines,
  shape: Shape,
  at: { readonly x: number; readonly kernel: number; readonly y: number; readonly memory: number },
  [from, to]: readonly [number, number],
): void {
  const { height, width, channels, rows, columns, filters, top, left } = shape;
  const work = workAt(at.memory, shape);
  const { input, output, image, result } = work;
  const whole = rows % TILE === 0 && columns % TILE === 0;
  routines.zero(image.at, image.bytes);
  for (let first = from; first < to; first += work.images) {
    const images = Math.min(work.images, to - first);
    const fours = Math.ceil((images * work.down * work.across) / 4);
    const source = { at: at.x + first * height * width * channels * FLOAT, height, width };
    const place = { frame: image, tiles: input, top, left };
    cut(routines, work, source, place, routines.transformInput, images);
    for (let plane = 0; plane < PLANES; plane++)
      routines.multiplyTiles(
        input.at + plane * input.plane,
        input.step,
        64,
        at.kernel + plane * kernelPlane(shape),
        channels * 32,
        128,
        output.at + plane * output.plane,
        output.step,
        128,
        fours,
        filters / 8,
        channels / 4,
      );
    const pixel = filters * FLOAT;
    for (let index = 0; index < images; index++) {
      const y = at.y + (first + index) * rows * columns * pixel;
      const frame = whole ? { ...result, at: y } : result;
      const row = frame.width * pixel;
      eachTile(work, frame, output, index, (to, tile) =>
        routines.transformOutput(tile, 6 * output.plane, output.plane, 64, to, row, pixel, 16, filters / 4),
      );
      if (!whole) routines.copyRows(y, columns * pixel, frame.at, row, columns * pixel, rows);
    }
  }
}

/** The sum over this thread's images of what the kernel's gradient is transformed from, into planes at `planes`. */
export function sumKernelGradient(
  routines: Routines,
  shape: Shape,
  at: { readonly x: number; readonly dy: number; readonly planes: number; readonly memory: number },
  [from, to]: readonly [number, number],
): void {
  const { height, width, channels, rows, columns, filters, top, left } = shape;
  const work = workAt(at.memory, shape);
  const { input, output, image, result } = work;
  routines.zero(at.planes, kernelBytes(shape));
  routines.zero(image.at, image.bytes);
  routines.zero(result.at, result.bytes);
  for (let first = from; first < to; first += work.images) {
    const images = Math.min(work.images, to - first);
    const fours = Math.ceil((images * work.down * work.across) / 4);
    const x = { at: at.x + first * height * width * channels * FLOAT, height, width };
    const dy = { at: at.dy + first * rows * columns * filters * FLOAT, height: rows, width: columns };
    const inFrame = { frame: image, tiles: input, top, left };
    const outFrame = { frame: result, tiles: output, top: 0, left: 0 };
    cut(routines, work, x, inFrame, routines.transformInput, images);
    cut(routines, work, dy, outFrame, routines.transformOutputGradient, images);
    for (let plane = 0; plane < PLANES; plane++)
      routines.multiplyOverTiles(
        input.at + plane * input.plane,
        64,
        input.step,
        output.at + plane * output.plane,
        128,
        output.step,
        at.planes + plane * kernelPlane(shape),
        128,
        channels * 32,
        channels / 4,
        filters / 8,
        fours,
      );
  }
}

/** Adds up the threads' planes, which lie one after the other, and transforms them back; of all channels, this thread's. */
export function endKernelGradient(
  routines: Routines,
  shape: Weights,
  at: { readonly planes: number; readonly dk: number },
  threads: number,
  [first, end]: readonly [number, number],
): void {
  const { channels, filters } = shape;
  if (first === end) return;
  for (let thread = 1; thread < threads; thread++) {
    for (let plane = 0; plane < PLANES; plane++) {
      for (let strip = 0; strip < filters / 8; strip++) {
        const place = at.planes + plane * kernelPlane(shape) + (strip * channels + first) * 32;
        routines.addTo(place, place + thread * kernelBytes(shape), 2 * (end - first));
      }
    }
  }
  kernelPlanes(routines.transformKernelGradient, true, at.dk, at.planes, shape, [first, end]);
}
