/** @file How numbers lie in memory. Layouts are interned: two that are equal are one object, so that kernels compare and name them cheaply. */
import type { Description, Dnnl, Pointer } from './dnnl.js';

export class Layout {
  /** Row-major with the same axes: what a layout that the library chose is converted from and to. */
  readonly plain: Layout;

  constructor(
    /** Short and unique, for keys. */
    readonly id: number,
    readonly description: Description,
    /** In oneDNN's order: an image is [batch, channels, height, width]. */
    readonly dims: readonly number[],
    readonly bytes: number,
    plain?: Layout,
  ) {
    this.plain = plain ?? this;
  }

  get isPlain(): boolean {
    return this.plain === this;
  }
}

export class Layouts {
  readonly #plain = new Map<string, Layout>();
  readonly #chosen = new Map<Layout, Layout[]>();
  #count = 0;

  constructor(readonly dnnl: Dnnl) {}

  /** `count` numbers in a row. */
  flat(count: number): Layout {
    return this.strided([count], [1]);
  }

  /** Row-major, axes in the order of the shape. */
  rows(shape: readonly number[]): Layout {
    return this.strided(shape, stridesOf(shape));
  }

  /** Of a tensor [batch, height, width, channels]. */
  image([n, h, w, c]: readonly number[]): Layout {
    return this.strided([n!, c!, h!, w!], [h! * w! * c!, 1, w! * c!, c!]);
  }

  /** Of a tensor [rows, columns, channels, filters]. */
  filter([kh, kw, c, o]: readonly number[]): Layout {
    return this.strided([o!, c!, kh!, kw!], [1, o!, kw! * c! * o!, c! * o!]);
  }

  /** Of a tensor [rows, columns, channels] of which each channel is filtered alone, `multiplier` times. */
  depthwiseFilter([kh, kw, c, multiplier]: readonly number[]): Layout {
    const m = multiplier!;
    return this.strided([c!, m, 1, kh!, kw!], [m, 1, 1, kw! * c! * m, c! * m]);
  }

  /** A number per channel, to go with images of that many axes. */
  perChannel(channels: number, axes: number): Layout {
    const dims = Array.from({ length: axes }, (_, axis) => (axis === 1 ? channels : 1));
    return this.strided(dims, stridesOf(dims));
  }

  strided(dims: readonly number[], strides: readonly number[]): Layout {
    const key = `${dims.join()}|${strides.join()}`;
    let found = this.#plain.get(key);
    if (!found) {
      const bytes = 4 * dims.reduce((n, d) => n * d, 1);
      found = new Layout(this.#count++, this.dnnl.describe(dims, strides), dims, bytes);
      this.#plain.set(key, found);
    }
    return found;
  }

  /** What a primitive's descriptor says, which must outlive the layout. */
  chosen(description: Pointer, plain: Layout): Layout {
    if (this.dnnl.areEqual(description, plain.description)) return plain;
    let known = this.#chosen.get(plain);
    if (!known) this.#chosen.set(plain, (known = []));
    let found = known.find((layout) => this.dnnl.areEqual(description, layout.description));
    if (!found) {
      const bytes = this.dnnl.sizeOf(description);
      known.push((found = new Layout(this.#count++, description, plain.dims, bytes, plain)));
    }
    return found;
  }
}

function stridesOf(shape: readonly number[]): readonly number[] {
  const strides: number[] = [];
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= Math.max(1, shape[axis]!);
  }
  return strides;
}
