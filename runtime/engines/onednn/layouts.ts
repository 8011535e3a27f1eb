/**
 * @file How numbers lie in memory. Layouts are interned: two that are equal are one object, so that kernels compare and name them cheaply.
 * One that was not asked for in a long time may come back as another object; a tensor that still lies in the first is then reordered once more.
 */
import type { Description, Dnnl, Pointer } from './dnnl.js';
import { Recent } from './recent.js';

/** Row-major layouts that are kept for sure. */
const GENERATION = 4096;

export class Layout {
  /** Row-major with the same axes: what a layout that the library chose is converted from and to. */
  readonly plain: Layout;
  /** Of a row-major layout: those that the library chose for the same axes. */
  readonly chosen: Layout[] = [];

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
  readonly #plain: Recent<Layout>;
  readonly #descriptions: FinalizationRegistry<Description>;
  #count = 0;

  constructor(
    readonly dnnl: Dnnl,
    generation = GENERATION,
  ) {
    this.#plain = new Recent(generation);
    // Tensors and primitives still have it when it is no longer found here.
    this.#descriptions = new FinalizationRegistry((description) => dnnl.forget(description));
  }

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
      found = this.#layout(this.dnnl.describe(dims, strides), dims, bytes);
      this.#plain.set(key, found);
    }
    return found;
  }

  /** What a primitive's descriptor says. */
  chosen(description: Pointer, plain: Layout): Layout {
    if (this.dnnl.areEqual(description, plain.description)) return plain;
    let found = plain.chosen.find((layout) => this.dnnl.areEqual(description, layout.description));
    if (!found) {
      const bytes = this.dnnl.sizeOf(description);
      plain.chosen.push((found = this.#layout(this.dnnl.copyOf(description), plain.dims, bytes, plain)));
    }
    return found;
  }

  #layout(description: Description, dims: readonly number[], bytes: number, plain?: Layout): Layout {
    const layout = new Layout(this.#count++, description, dims, bytes, plain);
    this.#descriptions.register(layout, description);
    return layout;
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
