/** @file A primitive with its argument pack: made once, run with other addresses each time. */
import type { Arena } from './arena.js';
import { ARG, QUERY, type Dnnl, type Pointer } from './dnnl.js';
import type { Layout } from './layouts.js';

const BYTES_PER_ARGUMENT = 16;

export class Primitive {
  readonly #primitive: Pointer;
  readonly #memories: Pointer[];
  readonly #addresses: Pointer[];
  readonly #pack: Uint8Array;
  readonly #scratchBytes: number;
  readonly #execute;
  readonly #setAddress;

  constructor(
    readonly dnnl: Dnnl,
    /** Where it works while it runs, if it needs more than its operands: what a convolution wants may be as large as a step's tensors. */
    readonly arena: Arena,
    /** The primitive's from now on. */
    readonly descriptor: Pointer,
    /** Argument names (ARG) with the layouts of their memory, in the order in which `run` takes the addresses. */
    operands: readonly (readonly [argument: number, layout: Layout])[],
  ) {
    this.#primitive = dnnl.primitive(descriptor);
    const scratchLayout = dnnl.layoutIn(descriptor, QUERY.scratchpad);
    this.#scratchBytes = dnnl.sizeOf(scratchLayout);
    this.#memories = operands.map(([, layout]) => dnnl.memory(layout.description, 0n));
    const names = operands.map(([argument]) => argument);
    if (this.#scratchBytes > 0) {
      this.#memories.push(dnnl.memory(scratchLayout, 0n));
      names.push(ARG.scratchpad);
    }
    this.#addresses = this.#memories.map(() => 0n);
    this.#pack = new Uint8Array(BYTES_PER_ARGUMENT * names.length);
    const view = new DataView(this.#pack.buffer);
    names.forEach((argument, i) => {
      view.setInt32(BYTES_PER_ARGUMENT * i, argument, true);
      view.setBigUint64(BYTES_PER_ARGUMENT * i + 8, this.#memories[i]!, true);
    });
    this.#execute = dnnl.bound('dnnl_primitive_execute', 'int', ['void *', 'void *', 'int', 'void *']);
    this.#setAddress = dnnl.bound('dnnl_memory_set_data_handle', 'int', ['void *', 'void *']);
  }

  get implementation(): string {
    return this.dnnl.implementationOf(this.descriptor);
  }

  run(...addresses: readonly Pointer[]): void {
    for (let i = 0; i < addresses.length; i++) this.#point(i, addresses[i]!);
    const scratch = this.#scratchBytes > 0 ? this.arena.allocate(this.#scratchBytes) : undefined;
    if (scratch) this.#point(addresses.length, scratch.address);
    const { dnnl } = this;
    const status = this.#execute(this.#primitive, dnnl.stream, this.#memories.length, this.#pack) as number;
    if (scratch) this.arena.release(scratch);
    if (status !== 0) throw new Error(`internal: oneDNN answers ${status} to a primitive it made itself`);
  }

  close(): void {
    this.dnnl.destroy('primitive', this.#primitive);
    for (const memory of this.#memories) this.dnnl.destroy('memory', memory);
    this.dnnl.destroy('primitive_desc', this.descriptor);
  }

  #point(index: number, address: Pointer): void {
    if (this.#addresses[index] === address) return;
    this.#setAddress(this.#memories[index]!, address);
    this.#addresses[index] = address;
  }
}
