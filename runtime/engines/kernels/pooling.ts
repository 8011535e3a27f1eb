/** @file Pooling and resizing with their gradients; images are [n, height, width, channels]. */
import { numbers, type Attrs, type Kernel, type KernelTable, type View } from './kernel.js';

/** Calls `visit` per result pixel with the offsets (in pixels) of the image pixels in its window. */
function windows(
  x: readonly number[],
  y: readonly number[],
  attrs: Attrs,
  visit: (result: number, pixels: readonly number[]) => void,
): void {
  const [kh, kw] = numbers(attrs, 'size') as [number, number];
  const [sh, sw] = numbers(attrs, 'stride') as [number, number];
  const [top, , left] = numbers(attrs, 'pad') as [number, number, number, number];
  const [n, height, width] = x as [number, number, number];
  const [, rows, columns] = y as [number, number, number];
  for (let result = 0; result < n * rows * columns; result++) {
    const image = Math.floor(result / (rows * columns));
    const i = Math.floor(result / columns) % rows;
    const j = result % columns;
    const pixels: number[] = [];
    for (let row = Math.max(0, i * sh - top); row < Math.min(height, i * sh - top + kh); row++) {
      for (let column = Math.max(0, j * sw - left); column < Math.min(width, j * sw - left + kw); column++) {
        pixels.push((image * height + row) * width + column);
      }
    }
    visit(result, pixels);
  }
}

export const pooling: KernelTable = {
  max_pool: ([x], [y], attrs) => {
    const [kh, kw] = numbers(attrs, 'size') as [number, number];
    const [sh, sw] = numbers(attrs, 'stride') as [number, number];
    const [top, , left] = numbers(attrs, 'pad') as [number, number, number, number];
    const [n, height, width, channels] = x!.shape as [number, number, number, number];
    const [, rows, columns] = y!.shape as [number, number, number, number];
    const [from, to] = [x!.data, y!.data];
    to.fill(-Infinity);
    for (let result = 0, at = 0; result < n * rows * columns; result++, at += channels) {
      const image = Math.floor(result / (rows * columns));
      const i = (Math.floor(result / columns) % rows) * sh - top;
      const j = (result % columns) * sw - left;
      const [bottom, right] = [Math.min(height, i + kh), Math.min(width, j + kw)];
      for (let row = Math.max(0, i); row < bottom; row++)
        for (let column = Math.max(0, j); column < right; column++) {
          const pixel = ((image * height + row) * width + column) * channels;
          for (let c = 0; c < channels; c++) to[at + c] = Math.max(to[at + c]!, from[pixel + c]!);
        }
    }
  },
  max_pool_grad: ([dy, x, y], [dx], attrs) => {
    const channels = x!.shape[3]!;
    dx!.data.fill(0);
    windows(x!.shape, y!.shape, attrs, (result, pixels) => {
      for (let c = 0; c < channels; c++) {
        const at = result * channels + c;
        const winner = pixels.find((pixel) => x!.data[pixel * channels + c] === y!.data[at]) ?? pixels[0]!;
        dx!.data[winner * channels + c]! += dy!.data[at]!;
      }
    });
  },
  avg_pool: ([x], [y], attrs) => {
    const channels = x!.shape[3]!;
    windows(x!.shape, y!.shape, attrs, (result, pixels) => {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (const pixel of pixels) sum += x!.data[pixel * channels + c]!;
        y!.data[result * channels + c] = sum / pixels.length;
      }
    });
  },
  avg_pool_grad: ([dy], [dx], attrs) => {
    const channels = dx!.shape[3]!;
    dx!.data.fill(0);
    windows(dx!.shape, dy!.shape, attrs, (result, pixels) => {
      for (let c = 0; c < channels; c++) {
        const share = dy!.data[result * channels + c]! / pixels.length;
        for (const pixel of pixels) dx!.data[pixel * channels + c]! += share;
      }
    });
  },
  resize: resample((small, large, weights) => {
    large.data.fill(0);
    weights((from, to, weight, channels) => {
      for (let c = 0; c < channels; c++) large.data[to + c]! += weight * small.data[from + c]!;
    });
  }),
  resize_grad: ([dy], [dx], attrs) => {
    dx!.data.fill(0);
    interpolation(dx!.shape, dy!.shape, attrs['method'] as string, (from, to, weight, channels) => {
      for (let c = 0; c < channels; c++) dx!.data[from + c]! += weight * dy!.data[to + c]!;
    });
  },
};

type Visit = (from: number, to: number, weight: number, channels: number) => void;

function resample(run: (x: View, y: View, weights: (visit: Visit) => void) => void): Kernel {
  return ([x], [y], attrs) =>
    run(x!, y!, (visit) => interpolation(x!.shape, y!.shape, attrs['method'] as string, visit));
}

/** Source and weight per result pixel, between pixel centres. */
function interpolation(x: readonly number[], y: readonly number[], method: string, visit: Visit): void {
  const [n, height, width, channels] = x as [number, number, number, number];
  const [, rows, columns] = y as [number, number, number];
  const [vertical, horizontal] = [taps(height, rows, method), taps(width, columns, method)];
  for (let image = 0; image < n; image++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        for (const [row, a] of vertical[i]!) {
          for (const [column, b] of horizontal[j]!) {
            visit(
              ((image * height + row) * width + column) * channels,
              ((image * rows + i) * columns + j) * channels,
              a * b,
              channels,
            );
          }
        }
      }
    }
  }
}

function taps(size: number, to: number, method: string): readonly (readonly (readonly [number, number])[])[] {
  const inside = (i: number): number => Math.min(size - 1, Math.max(0, i));
  return Array.from({ length: to }, (_, i) => {
    const at = ((i + 0.5) * size) / to - 0.5;
    if (method === 'nearest') return [[inside(Math.floor(((i + 0.5) * size) / to)), 1] as const];
    const low = Math.floor(at);
    const share = at - low;
    return [[inside(low), 1 - share] as const, [inside(low + 1), share] as const];
  });
}
