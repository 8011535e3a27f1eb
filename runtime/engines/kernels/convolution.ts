/** @file Convolution gradients and depthwise convolutions as plain loops, innermost over channels; images are [n, height, width, channels]. */
import { numbers, type Attrs, type KernelTable } from './kernel.js';

interface Window {
  readonly stride: readonly number[];
  readonly pad: readonly number[];
  readonly dilation: readonly number[];
}

const windowOf = (attrs: Attrs): Window => ({
  stride: numbers(attrs, 'stride'),
  pad: numbers(attrs, 'pad'),
  dilation: numbers(attrs, 'dilation'),
});

/** Calls `visit` with offsets of the image pixel, the kernel tap and the result pixel (in pixels and taps) wherever they meet. */
function meet(
  x: readonly number[],
  kernel: readonly number[],
  y: readonly number[],
  { stride, pad, dilation }: Window,
  visit: (pixel: number, tap: number, result: number) => void,
): void {
  const [n, height, width] = x as [number, number, number];
  const [kh, kw] = kernel as [number, number];
  const [, rows, columns] = y as [number, number, number];
  for (let image = 0; image < n; image++) {
    for (let i = 0; i < rows; i++) {
      for (let p = 0; p < kh; p++) {
        const row = i * stride[0]! - pad[0]! + p * dilation[0]!;
        if (row < 0 || row >= height) continue;
        for (let j = 0; j < columns; j++) {
          for (let q = 0; q < kw; q++) {
            const column = j * stride[1]! - pad[2]! + q * dilation[1]!;
            if (column < 0 || column >= width) continue;
            visit((image * height + row) * width + column, p * kw + q, (image * rows + i) * columns + j);
          }
        }
      }
    }
  }
}

export const convolution: KernelTable = {
  conv2d_grad_input: ([dy, kernel], [dx], attrs) => {
    const [, , channels, filters] = kernel!.shape as [number, number, number, number];
    const [d, k, to] = [dy!.data, kernel!.data, dx!.data];
    to.fill(0);
    meet(dx!.shape, kernel!.shape, dy!.shape, windowOf(attrs), (pixel, tap, result) => {
      const [at, from] = [pixel * channels, result * filters];
      for (let c = 0; c < channels; c++) {
        const base = (tap * channels + c) * filters;
        let sum = 0;
        for (let o = 0; o < filters; o++) sum += d[from + o]! * k[base + o]!;
        to[at + c]! += sum;
      }
    });
  },
  conv2d_grad_kernel: ([x, dy], [dk], attrs) => {
    const [, , channels, filters] = dk!.shape as [number, number, number, number];
    const [from, d, to] = [x!.data, dy!.data, dk!.data];
    to.fill(0);
    meet(x!.shape, dk!.shape, dy!.shape, windowOf(attrs), (pixel, tap, result) => {
      const start = result * filters;
      for (let c = 0; c < channels; c++) {
        const value = from[pixel * channels + c]!;
        const base = (tap * channels + c) * filters;
        for (let o = 0; o < filters; o++) to[base + o]! += value * d[start + o]!;
      }
    });
  },
  depthwise_conv2d: ([x, kernel], [y], attrs) => {
    const channels = x!.shape[3]!;
    y!.data.fill(0);
    meet(x!.shape, kernel!.shape, y!.shape, windowOf(attrs), (pixel, tap, result) => {
      for (let c = 0; c < channels; c++)
        y!.data[result * channels + c]! += x!.data[pixel * channels + c]! * kernel!.data[tap * channels + c]!;
    });
  },
  depthwise_conv2d_grad_input: ([dy, kernel], [dx], attrs) => {
    const channels = dx!.shape[3]!;
    dx!.data.fill(0);
    meet(dx!.shape, kernel!.shape, dy!.shape, windowOf(attrs), (pixel, tap, result) => {
      for (let c = 0; c < channels; c++)
        dx!.data[pixel * channels + c]! +=
          dy!.data[result * channels + c]! * kernel!.data[tap * channels + c]!;
    });
  },
  depthwise_conv2d_grad_kernel: ([x, dy], [dk], attrs) => {
    const channels = x!.shape[3]!;
    dk!.data.fill(0);
    meet(x!.shape, dk!.shape, dy!.shape, windowOf(attrs), (pixel, tap, result) => {
      for (let c = 0; c < channels; c++)
        dk!.data[tap * channels + c]! += x!.data[pixel * channels + c]! * dy!.data[result * channels + c]!;
    });
  },
  /** Kernel rows phase, phase + s, … turned by 180°, as [taps, taps across, filters, column phase × channel]; zeros where a phase has fewer taps. */
  adjoint_kernel: ([kernel], [y], attrs) => {
    const [kh, kw, channels, filters] = kernel!.shape as [number, number, number, number];
    const [sh, sw] = numbers(attrs, 'stride') as [number, number];
    const phase = attrs['phase'] as number;
    const [taps, across] = y!.shape as [number, number];
    y!.data.fill(0);
    for (let p = phase; p < kh; p += sh) {
      for (let q = 0; q < kw; q++) {
        const row = taps - 1 - (p - phase) / sh;
        const column = across - 1 - Math.floor(q / sw);
        const lane = (q % sw) * channels;
        for (let o = 0; o < filters; o++) {
          const to = ((row * across + column) * filters + o) * sw * channels + lane;
          const from = (p * kw + q) * channels * filters + o;
          for (let c = 0; c < channels; c++) y!.data[to + c] = kernel!.data[from + c * filters]!;
        }
      }
    }
  },
};
