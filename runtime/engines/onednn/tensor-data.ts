/** @file The content of a tensor on the onednn backend: values in the host's row-major order, in layouts that the library chose, or in several of these at once. */
import type { DataType, TensorInfo, backend_util } from '@tensorflow/tfjs-core';
import type { Block } from './arena.js';
import type { Layout } from './layouts.js';

/** What a content needs to move between forms. */
export interface Memory {
  allocate(bytes: number): Block;
  release(block: Block): void;
  reorder(from: Layout, at: Block, to: Layout, into: Block): void;
}

interface Form {
  readonly layout: Layout;
  readonly block: Block;
}

type Values = backend_util.BackendValues;

/** Of 4-byte floats in native memory, or of anything else in arrays of the host. Content never changes once a kernel has read it. */
export class TensorData {
  refCount = 1;
  complexTensorInfos?: { real: TensorInfo; imag: TensorInfo };
  #host: Values | undefined;
  #plain: Block | undefined;
  /** In layouts that are not row-major. */
  readonly #forms: Form[] = [];
  readonly #memory: Memory;

  constructor(
    memory: Memory,
    readonly dtype: DataType,
    values?: Values,
  ) {
    this.#memory = memory;
    this.#host = values;
  }

  static of(memory: Memory, layout: Layout, block: Block): TensorData {
    const data = new TensorData(memory, 'float32');
    if (layout.isPlain) {
      data.#plain = block;
      data.#host = block.numbers(layout.bytes / 4);
    } else data.#forms.push({ layout, block });
    return data;
  }

  /** In row-major order. Kernels of the `cpu` backend read and write here. */
  get values(): Values | undefined {
    const [form] = this.#forms;
    if (this.#host === undefined && form) {
      const block = this.#memory.allocate(form.layout.plain.bytes);
      this.#memory.reorder(form.layout, form.block, form.layout.plain, block);
      this.#plain = block;
      this.#host = block.numbers(form.layout.plain.bytes / 4);
    }
    return this.#host;
  }

  set values(values: Values | undefined) {
    this.release();
    this.#host = values;
  }

  /** The first form it has that is not row-major. */
  get layout(): Layout | undefined {
    return this.#forms[0]?.layout;
  }

  /** In that layout; the conversion, if one is needed, is kept, in place of row-major order: few ask for that again. Of 4-byte floats only. */
  in(layout: Layout): Block {
    if (layout.isPlain) return this.#inPlain();
    const found = this.#forms.find((form) => form.layout === layout);
    if (found) return found.block;
    const near = this.#forms.find((form) => form.layout.plain === layout.plain);
    const from = near ?? { layout: layout.plain, block: this.#inPlain() };
    const block = this.#memory.allocate(layout.bytes);
    this.#memory.reorder(from.layout, from.block, layout, block);
    this.#forms.push({ layout, block });
    if (!near) this.#leavePlain();
    return block;
  }

  release(): void {
    if (this.#plain) this.#memory.release(this.#plain);
    for (const { block } of this.#forms) this.#memory.release(block);
    this.#plain = undefined;
    this.#forms.length = 0;
    this.#host = undefined;
  }

  #leavePlain(): void {
    this.#memory.release(this.#plain!);
    this.#plain = undefined;
    this.#host = undefined;
  }

  #inPlain(): Block {
    const values = this.values as Float32Array;
    if (!this.#plain) {
      this.#plain = this.#memory.allocate(4 * values.length);
      const numbers = this.#plain.numbers(values.length);
      numbers.set(values);
      this.#host = numbers;
    }
    return this.#plain;
  }
}
