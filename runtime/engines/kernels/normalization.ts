/** @file Batch norm with its gradient and the parametric rectifier, each in as few passes over the activations as it takes. */
import { number, type Data, type Kernel, type KernelTable, type View } from './kernel.js';

/** Elements of a tile, which the first-level cache holds. */
const TILE = 2048;

/**
 * Calls `visit` per channel of every tile of rows, with the offsets of its elements: `for (let i = start; i < end; i += n)`.
 * What belongs to the channel then stays in registers.
 */
function perChannel(length: number, n: number, visit: (c: number, start: number, end: number) => void): void {
  const step = n * Math.max(1, Math.floor(TILE / n));
  for (let from = 0; from < length; from += step) {
    const end = Math.min(length, from + step);
    for (let c = 0; c < n; c++) visit(c, from + c, end);
  }
}

const preluGradInput: Kernel = ([dy, x, slope], [dx]) => {
  const [d, from, to, s] = [dy!.data, x!.data, dx!.data, slope!.data];
  const n = s.length;
  for (let i = 0; i < to.length; i += n) {
    for (let c = 0; c < n; c++) to[i + c] = from[i + c]! > 0 ? d[i + c]! : d[i + c]! * s[c]!;
  }
};

const preluGradSlope: Kernel = ([dy, x, slope], [ds]) => {
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
};

export const normalization: KernelTable = {
  /** Two passes: shifted sums, then the result. */
  batch_norm_train: ([x, gamma, beta], [y, mean, variance], attrs) => {
    const n = gamma!.data.length;
    const from = x!.data;
    const rows = from.length / n;
    const shift = Float64Array.from(from.subarray(0, n));
    const sum = new Float64Array(n);
    const squares = new Float64Array(n);
    perChannel(from.length, n, (c, start, end) => {
      const first = shift[c]!;
      let s = 0;
      let q = 0;
      for (let i = start; i < end; i += n) {
        const d = from[i]! - first;
        s += d;
        q += d * d;
      }
      sum[c]! += s;
      squares[c]! += q;
    });
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
    const sum = new Float64Array(n);
    const products = new Float64Array(n);
    perChannel(from.length, n, (c, start, end) => {
      const m = average[c]!;
      let s = 0;
      let p = 0;
      for (let i = start; i < end; i += n) {
        const g = d[i]!;
        s += g;
        p += g * (from[i]! - m);
      }
      sum[c]! += s;
      products[c]! += p;
    });
    // dx = a dy + b x + e per channel.
    const a = new Float64Array(n);
    const b = new Float64Array(n);
    const e = new Float64Array(n);
    for (let c = 0; c < n; c++) {
      const inverse = 1 / Math.sqrt(variance!.data[c]! + number(attrs, 'epsilon'));
      dbeta!.data[c] = sum[c]!;
      dgamma!.data[c] = products[c]! * inverse;
      a[c] = gamma!.data[c]! * inverse;
      b[c] = (-a[c]! * products[c]! * inverse * inverse) / rows;
      e[c] = (-a[c]! * sum[c]!) / rows - b[c]! * average[c]!;
    }
    perChannel(from.length, n, (c, start, end) => {
      const [ac, bc, ec] = [a[c]!, b[c]!, e[c]!];
      for (let i = start; i < end; i += n) to[i] = ac * d[i]! + bc * from[i]! + ec;
    });
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
  prelu_grad_input: preluGradInput,
  prelu_grad_slope: preluGradSlope,
  prelu_grad: (operands, [dx, ds], attrs) => {
    preluGradInput(operands, [dx!], attrs);
    preluGradSlope(operands, [ds!], attrs);
  },
};

function affine(x: View, y: View, scale: Float64Array, offset: Float64Array): void {
  const from: Data = x.data;
  const to: Data = y.data;
  const n = scale.length;
  perChannel(from.length, n, (c, start, end) => {
    const [a, b] = [scale[c]!, offset[c]!];
    for (let i = start; i < end; i += n) to[i] = a * from[i]! + b;
  });
}
