/**
 * @file A tfjs backend over oneDNN. Tensors of floats live in native memory and keep the layouts that the library likes between kernels.
 * Every kernel of the tfjs `cpu` backend runs on it too (kernels/register.ts), reading what it needs in row-major order.
 */
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { DataType, TensorInfo, backend_util } from '@tensorflow/tfjs-core';
import { Arena, type Block } from './arena.js';
import { ARG, type Dnnl, type Pointer } from './dnnl.js';
import { Layouts, type Layout } from './layouts.js';
import { Primitive } from './primitive.js';
import { Recent } from './recent.js';
import { TensorData, type Memory } from './tensor-data.js';

/** A tensor to be written: its info, and where it lies. */
export interface Made {
  readonly info: TensorInfo;
  readonly at: Pointer;
}

type Values = backend_util.BackendValues;

/** A primitive, or memory that goes with one. */
interface Owned {
  close(): void;
}

interface Prepared {
  readonly value: unknown;
  readonly owned: readonly Owned[];
}

/** Preparations that are kept for sure. The largest training makes some hundred; code whose shapes always change must not fill the memory. */
const GENERATION = 2048;

export class OneDnnBackend extends MathBackendCPU implements Memory {
  readonly layouts: Layouts;
  readonly arena: Arena;
  readonly #prepared: Recent<Prepared>;
  /** What the preparation at work has made so far. */
  #owned: Owned[] = [];

  constructor(
    readonly dnnl: Dnnl,
    /** Bytes that tensors may take. */
    limit: number,
    generation = GENERATION,
  ) {
    super();
    this.#prepared = new Recent(generation, ({ owned }) => closeAll(owned));
    // Otherwise the first use prints an advertisement for another package.
    Object.assign(this, { firstUse: false });
    this.layouts = new Layouts(dnnl);
    this.arena = new Arena(dnnl.library, limit);
  }

  override write(values: Values, _: number[], dtype: DataType): object {
    return this.#keep(new TensorData(this, dtype, values));
  }

  override move(dataId: object, values: Values, _: number[], dtype: DataType, refCount: number): void {
    const data = new TensorData(this, dtype, values);
    data.refCount = refCount;
    this.data.set(dataId, data);
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const data = this.dataOf(dataId);
    const done = super.disposeData(dataId, force);
    if (done) data.release();
    return done;
  }

  override memory(): { unreliable: boolean; reasons: string[] } {
    return { unreliable: false, reasons: [] };
  }

  override dispose(): void {
    this.#prepared.clear();
    this.arena.close();
    this.dnnl.close();
  }

  dataOf(dataId: object): TensorData {
    return this.data.get(dataId) as TensorData;
  }

  /** The tensor's numbers in that layout. */
  in({ dataId }: TensorInfo, layout: Layout): Pointer {
    return this.dataOf(dataId).in(layout).address;
  }

  /** The layout a tensor lies in: the one that a kernel left it in, or row-major. */
  layoutOf({ dataId, shape }: TensorInfo): Layout {
    const { layout } = this.dataOf(dataId);
    if (layout) return layout;
    return shape.length === 4 ? this.layouts.image(shape) : this.layouts.rows(shape);
  }

  /** The same if nothing in it is padding, else row-major: what is done to each number alone may be done to a row of them. */
  denseLayoutOf({ dataId, shape }: TensorInfo): Layout {
    const { layout } = this.dataOf(dataId);
    const rows = this.layouts.rows(shape);
    return layout?.bytes === rows.bytes ? layout : rows;
  }

  /** A new tensor of floats in that layout. */
  make(shape: readonly number[], layout: Layout): Made {
    const block = this.arena.allocate(layout.bytes);
    const dataId = this.#keep(TensorData.of(this, layout, block));
    return { info: { dataId, shape: [...shape], dtype: 'float32' }, at: block.address };
  }

  /** How many preparations are kept. */
  get preparations(): number {
    return this.#prepared.size;
  }

  /** What `prepare` gives, made once for each key as long as the key is asked for again. What `prepare` made is closed when it goes. */
  prepared<T>(key: string, prepare: () => T): T {
    const found = this.#prepared.get(key);
    if (found) return found.value as T;
    const outer = this.#owned;
    const owned: Owned[] = [];
    this.#owned = owned;
    try {
      const value = prepare();
      this.#prepared.set(key, { value, owned });
      return value;
    } catch (error) {
      closeAll(owned);
      throw error;
    } finally {
      this.#owned = outer;
    }
  }

  /** Belongs to the preparation at work. */
  primitive(descriptor: Pointer, operands: ConstructorParameters<typeof Primitive>[3]): Primitive {
    const primitive = new Primitive(this.dnnl, this.arena, descriptor, operands);
    this.#owned.push(primitive);
    return primitive;
  }

  /** Memory that belongs to the preparation at work. */
  blockOf(layout: Layout): Block {
    const block = this.arena.allocate(layout.bytes);
    this.#owned.push({ close: () => this.arena.release(block) });
    return block;
  }

  allocate(bytes: number): Block {
    return this.arena.allocate(bytes);
  }

  release(block: Block): void {
    this.arena.release(block);
  }

  reorder(from: Layout, at: Block, to: Layout, into: Block): void {
    this.prepared(`reorder ${from.id} ${to.id}`, () =>
      this.primitive(this.dnnl.reorder(from.description, to.description), [
        [ARG.src, from],
        [ARG.dst, to],
      ]),
    ).run(at.address, into.address);
  }

  /** tfjs counts what is kept, and calls it a leak if it is kept twice. */
  #keep(data: TensorData): object {
    const dataId = {};
    this.data.set(dataId, data);
    return dataId;
  }
}

function closeAll(owned: readonly Owned[]): void {
  for (const each of owned) each.close();
}
