/** @file Batch norm with its gradient and the parametric rectifier, each in as few passes over the activations as it takes. */
import { number, type KernelTable, type View } from './kernel.js';

export const normalization: KernelTable = {
  /** Two passes: shifted sums, then the result. */
  batch_norm_train: ([x, gamma, beta], [y, mean, variance], attrs) => {
    const n = gamma!.data.length;
    const from = x!.data;
    const rows = from.length / n;
    const shift = Float64Array.from(from.subarray(0, n));
    const sum = new Float64Array(n);
    const squares = new Float64Array(n);
    for (let i = 0; i < from.length; i += n) {
      for (let c = 0; c < n; c++) {
        const d = from[i + c]! - shift[c]!;
        sum[c]! += d;
        squares[c]! += d * d;
      }
    }
    const scale = new Float64Array(n);
    const offset = new Float64Array(n);
    for (let c = 0; c < n; c++) {
      const m = sum[c]! / rows;
      mean!.data[c] = shift[c]! + m;
      variance!.data[c] = Math.max(0, squares[c]! / rows - m * m);
      scale[c] = gamma!.data[c]! / Math.sqrt(variance!.data[c]! + number(attrs, 'epsilon'));
      offset[c] = beta!.data[c]! - mean!.data[c]! * scale[c]!;
    }
    affine(x!, y!, scale, offset);
  },
  batch_norm_apply: ([x, gamma, beta, mean, variance], [y], attrs) => {
    const n = gamma!.data.length;
    const scale = Float64Array.from(
      { length: n },
      (_, c) => gamma!.data[c]! / Math.sqrt(variance!.data[c]! + number(attrs, 'epsilon')),
    );
    const offset = scale.map((s, c) => beta!.data[c]! - mean!.data[c]! * s);
    affine(x!, y!, scale, offset);
  },
  /** dx = γ/σ (dy - mean(dy) - x̂ mean(dy x̂)) (Ioffe and Szegedy 2015). */
  batch_norm_grad: ([dy, x, gamma, mean, variance], [dx, dgamma, dbeta], attrs) => {
    const n = gamma!.data.length;
    const [d, from, to] = [dy!.data, x!.data, dx!.data];
    const rows = from.length / n;
    const average = Float64Array.from(mean!.data);
    const inverse = Float64Array.from(
      { length: n },
      (_, c) => 1 / Math.sqrt(variance!.data[c]! + number(attrs, 'epsilon')),
    );
    const sum = new Float64Array(n);
    const products = new Float64Array(n);
    for (let i = 0; i < from.length; i += n) {
      for (let c = 0; c < n; c++) {
        const g = d[i + c]!;
        sum[c]! += g;
        products[c]! += g * (from[i + c]! - average[c]!);
      }
    }
    // dx = a dy + b x + e per channel.
    const a = new Float64Array(n);
    const b = new Float64Array(n);
    const e = new Float64Array(n);
    for (let c = 0; c < n; c++) {
      dbeta!.data[c] = sum[c]!;
      dgamma!.data[c] = products[c]! * inverse[c]!;
      a[c] = gamma!.data[c]! * inverse[c]!;
      b[c] = (-a[c]! * products[c]! * inverse[c]! * inverse[c]!) / rows;
      e[c] = (-a[c]! * sum[c]!) / rows - b[c]! * average[c]!;
    }
    for (let i = 0; i < from.length; i += n) {
      for (let c = 0; c < n; c++) to[i + c] = a[c]! * d[i + c]! + b[c]! * from[i + c]! + e[c]!;
    }
  },
  prelu: ([x, slope], [y]) => {
    const [from, to, s] = [x!.data, y!.data, slope!.data];
    const n = s.length;
    for (let i = 0; i < to.length; i += n) {
      for (let c = 0; c < n; c++) {
        const v = from[i + c]!;
        to[i + c] = v > 0 ? v : v * s[c]!;
      }
    }
  },
  prelu_grad_input: ([dy, x, slope], [dx]) => {
    const [d, from, to, s] = [dy!.data, x!.data, dx!.data, slope!.data];
    const n = s.length;
    for (let i = 0; i < to.length; i += n) {
      for (let c = 0; c < n; c++) to[i + c] = from[i + c]! > 0 ? d[i + c]! : d[i + c]! * s[c]!;
    }
  },
  prelu_grad_slope: ([dy, x, slope], [ds]) => {
    const [d, from] = [dy!.data, x!.data];
    const n = slope!.data.length;
    const sum = new Float64Array(n);
    for (let i = 0; i < from.length; i += n) {
      for (let c = 0; c < n; c++) {
        const v = from[i + c]!;
        // Not `v < 0`: a NaN must arrive.
        if (!(v > 0)) sum[c]! += d[i + c]! * v;
      }
    }
    ds!.data.set(sum);
  },
};

function affine(x: View, y: View, scale: Float64Array, offset: Float64Array): void {
  const [from, to, n] = [x.data, y.data, scale.length];
  for (let i = 0; i < from.length; i += n) {
    for (let c = 0; c < n; c++) to[i + c] = from[i + c]! * scale[c]! + offset[c]!;
  }
}
