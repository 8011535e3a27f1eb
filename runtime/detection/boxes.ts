/** @file Boxes around faces: how much two of them overlap, which of many to keep, and how answers move them. */
import type { Region } from './resample.js';

export interface Box extends Region {
  readonly score: number;
}

/** Of the union of both, or of the smaller one. */
export type Share = 'union' | 'smaller';

const area = ({ left, top, right, bottom }: Region): number =>
  Math.max(0, right - left) * Math.max(0, bottom - top);

export function overlap(a: Region, b: Region, share: Share): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  const [of, other] = [area(a), area(b)];
  return shared / (share === 'smaller' ? Math.min(of, other) : of + other - shared);
}

/** The best of those that overlap by more than `most`, as positions; the first of equals. */
export function suppress(boxes: readonly Box[], most: number, share: Share): number[] {
  const kept: number[] = [];
  const order = boxes.map((_, i) => i).sort((a, b) => boxes[b]!.score - boxes[a]!.score || a - b);
  for (const i of order) if (kept.every((k) => overlap(boxes[k]!, boxes[i]!, share) <= most)) kept.push(i);
  return kept;
}

/** Edges moved by fractions of the box's own size: left, top, right, bottom. */
export function moved<T extends Region>(box: T, offsets: Float32Array): T {
  const width = box.right - box.left;
  const height = box.bottom - box.top;
  const [left, top, right, bottom] = offsets as unknown as [number, number, number, number];
  return {
    ...box,
    left: box.left + width * left,
    top: box.top + height * top,
    right: box.right + width * right,
    bottom: box.bottom + height * bottom,
  };
}

/** The square of the longer side around the same centre. */
export function squared<T extends Region>(box: T): T {
  const half = Math.max(box.right - box.left, box.bottom - box.top) / 2;
  const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  return { ...box, left: x - half, top: y - half, right: x + half, bottom: y + half };
}
