/** @file Cutting a view out of an image, with random mirroring, shift, rotation and brightness. */
import type { DataIR } from '../../compiler/model/experiment.js';
import type { View } from './crops.js';
import type { Random } from './random.js';

export type Augment = DataIR['augment'];

/** What happens to one image. */
export interface Change {
  readonly mirrored: boolean;
  /** Whole pixels the picture moves right and down. */
  readonly shift: { readonly x: number; readonly y: number };
  /** Radians, clockwise on the screen, around the middle of the view. */
  readonly angle: number;
  /** x becomes mid + (x - mid) * contrast + brightness, mid = 127.5, cut to 0…255. */
  readonly contrast: number;
  readonly brightness: number;
  /** What pixels from outside the image show: mid-gray, else its edge. */
  readonly border: 'constant' | 'replicate';
}

export const unchanged: Change = {
  mirrored: false,
  shift: { x: 0, y: 0 },
  angle: 0,
  contrast: 1,
  brightness: 0,
  border: 'replicate',
};

/**
 * Draws a change: flip mirrors half of the images; shift(p) moves by -p…p whole pixels each way; rotate(d) turns by
 * -d…d degrees; jitter(f) scales the contrast by 1-f…1+f and adds -f…f of half the range.
 */
export function drawChange(augment: Augment, from: Random): Change {
  let change = unchanged;
  for (const { kind, amount, border } of augment) {
    if (border) change = { ...change, border };
    const within = (): number => from.uniform(-amount, amount);
    const pixels = (): number => from.below(2 * Math.floor(amount) + 1) - Math.floor(amount);
    if (kind === 'flip') change = { ...change, mirrored: from.chance(0.5) !== change.mirrored };
    else if (kind === 'shift')
      change = { ...change, shift: { x: change.shift.x + pixels(), y: change.shift.y + pixels() } };
    else if (kind === 'rotate') change = { ...change, angle: change.angle + (within() * Math.PI) / 180 };
    else {
      const contrast = change.contrast * (1 + within());
      change = { ...change, contrast, brightness: change.brightness + 127.5 * within() };
    }
  }
  return change;
}

interface Image {
  readonly pixels: Uint8Array;
  /** Where the image begins in `pixels`. */
  readonly start: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** What lies around the image; absent: its edge, repeated. */
  readonly outside?: number;
}

const MID_GRAY = 127.5;

interface Target {
  readonly values: Float32Array;
  readonly start: number;
  readonly height: number;
  readonly width: number;
  readonly scaling: DataIR['pixels'];
}

/** Writes the view of the image, changed and scaled, into the target. Rotation samples bilinearly. */
export function cut(image: Image, view: View, change: Change, target: Target): void {
  const { height, width } = target;
  const scaling = target.scaling === 'standardized' ? { mean: 0, by: 1 } : target.scaling;
  const edged = change.border === 'replicate' ? image : { ...image, outside: MID_GRAY };
  const { channels } = image;
  const mirrored = view.mirrored !== change.mirrored;
  const cos = Math.cos(change.angle);
  const sin = Math.sin(change.angle);
  const middleX = (width - 1) / 2;
  const middleY = (height - 1) / 2;
  const touched = change.contrast !== 1 || change.brightness !== 0;
  for (let row = 0, to = target.start; row < height; row++)
    for (let column = 0; column < width; column++) {
      // The inverse: the target is mirrored last, so its pixel is looked up mirrored first.
      const dx = (mirrored ? width - 1 - column : column) - middleX;
      const dy = row - middleY;
      const x = view.x + middleX + (cos * dx + sin * dy) - change.shift.x;
      const y = view.y + middleY + (cos * dy - sin * dx) - change.shift.y;
      for (let channel = 0; channel < channels; channel++, to++) {
        let value = change.angle === 0 ? at(edged, x, y, channel) : between(edged, x, y, channel);
        if (touched)
          value = Math.min(255, Math.max(0, 127.5 + (value - 127.5) * change.contrast + change.brightness));
        target.values[to] = (value - scaling.mean) / scaling.by;
      }
    }
  if (target.scaling === 'standardized') {
    const size = height * width * channels;
    standardize(target.values.subarray(target.start, target.start + size));
  }
}

/** Mean 0 and deviation 1 in place; as in TensorFlow the deviation counts as at least 1 / √n, so that an even image is not divided by 0. */
function standardize(values: Float32Array): void {
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n;
  const by = Math.max(Math.sqrt(variance), 1 / Math.sqrt(n));
  values.forEach((x, i) => (values[i] = (x - mean) / by));
}

function at(
  { pixels, start, height, width, channels, outside }: Image,
  x: number,
  y: number,
  channel: number,
): number {
  if (outside !== undefined && (y < 0 || y >= height || x < 0 || x >= width)) return outside;
  const row = y < 0 ? 0 : y >= height ? height - 1 : y;
  const column = x < 0 ? 0 : x >= width ? width - 1 : x;
  return pixels[start + (row * width + column) * channels + channel]!;
}

function between(image: Image, x: number, y: number, channel: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const fx = x - x0;
  const fy = y - y0;
  const upper = at(image, x0, y0, channel) * (1 - fx) + at(image, x0 + 1, y0, channel) * fx;
  const lower = at(image, x0, y0 + 1, channel) * (1 - fx) + at(image, x0 + 1, y0 + 1, channel) * fx;
  return upper * (1 - fy) + lower * fy;
}
