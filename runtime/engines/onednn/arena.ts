/** @file Memory for tensors, in few large pieces of which blocks are cut. What is given back is used again; a step like the one before needs nothing new. */
import { EngineError } from '../errors.js';
import { size } from '../size.js';
import type { Library } from './library.js';

/** What processors fetch at once; oneDNN's kernels are fastest on such borders. */
const ALIGNMENT = 64;
const LEAST_CHUNK = 16 * 2 ** 20;

interface Gap {
  offset: number;
  bytes: number;
}

class Chunk {
  readonly buffer: ArrayBuffer;
  readonly address: bigint;
  /** Free places, by offset, no two adjacent. */
  readonly gaps: Gap[];

  constructor(
    library: Library,
    readonly bytes: number,
  ) {
    this.buffer = new ArrayBuffer(bytes + ALIGNMENT);
    const start = library.addressOf(new Uint8Array(this.buffer));
    const offset = (ALIGNMENT - Number(start % BigInt(ALIGNMENT))) % ALIGNMENT;
    this.address = start;
    this.gaps = [{ offset, bytes }];
  }

  get isFree(): boolean {
    return this.gaps.length === 1 && this.gaps[0]!.bytes === this.bytes;
  }
}

/** A place in memory, valid until it is given back. */
export class Block {
  readonly address: bigint;
  #numbers: Float32Array | undefined;

  constructor(
    readonly chunk: Chunk,
    readonly offset: number,
    readonly bytes: number,
  ) {
    this.address = chunk.address + BigInt(offset);
  }

  /** The first `count` numbers there. */
  numbers(count: number): Float32Array {
    if (this.#numbers?.length !== count)
      this.#numbers = new Float32Array(this.chunk.buffer, this.offset, count);
    return this.#numbers;
  }
}

export class Arena {
  #chunks: Chunk[] = [];
  #used = 0;
  #peak = 0;

  constructor(
    readonly library: Library,
    /** Bytes. */
    public limit: number,
  ) {}

  /** Bytes taken from the system now, in use now, and in use at most so far. */
  get memory(): { readonly taken: number; readonly used: number; readonly peak: number } {
    return { taken: this.#taken, used: this.#used, peak: this.#peak };
  }

  /** The smallest gap that is large enough, else memory from the system. Throws EngineError at the limit. */
  allocate(bytes: number): Block {
    const wanted = Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
    const { chunk, index } = this.#find(wanted) ?? { chunk: this.#grow(wanted), index: 0 };
    const gap = chunk.gaps[index]!;
    const block = new Block(chunk, gap.offset, wanted);
    if (gap.bytes === wanted) chunk.gaps.splice(index, 1);
    else {
      gap.offset += wanted;
      gap.bytes -= wanted;
    }
    this.#used += wanted;
    this.#peak = Math.max(this.#peak, this.#used);
    return block;
  }

  release({ chunk, offset, bytes }: Block): void {
    this.#used -= bytes;
    const { gaps } = chunk;
    let at = gaps.findIndex((gap) => gap.offset > offset);
    if (at < 0) at = gaps.length;
    const [before, after] = [gaps[at - 1], gaps[at]];
    const touchesBefore = before !== undefined && before.offset + before.bytes === offset;
    const touchesAfter = after !== undefined && offset + bytes === after.offset;
    if (touchesBefore) {
      before.bytes += bytes + (touchesAfter ? after.bytes : 0);
      if (touchesAfter) gaps.splice(at, 1);
    } else if (touchesAfter) {
      after.offset = offset;
      after.bytes += bytes;
    } else gaps.splice(at, 0, { offset, bytes });
  }

  close(): void {
    this.#chunks = [];
  }

  get #taken(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
  }

  #find(bytes: number): { chunk: Chunk; index: number } | undefined {
    let best: { chunk: Chunk; index: number } | undefined;
    let least = Infinity;
    for (const chunk of this.#chunks)
      for (let index = 0; index < chunk.gaps.length; index++) {
        const size = chunk.gaps[index]!.bytes;
        if (size < bytes || size >= least) continue;
        best = { chunk, index };
        least = size;
      }
    return best;
  }

  #grow(wanted: number): Chunk {
    // What nobody uses goes first, else its memory would be lost beside the larger piece.
    if (this.#taken + wanted > this.limit) this.#chunks = this.#chunks.filter((chunk) => !chunk.isFree);
    const room = this.limit - this.#taken;
    if (wanted > room)
      throw new EngineError(
        `the onednn engine is full: ${size(this.#used)} of ${size(this.limit)} are in use, and ${size(wanted)} more are needed; use a smaller batch, or allow more with --memory`,
      );
    const chunk = new Chunk(this.library, Math.min(room, Math.max(wanted, LEAST_CHUNK)));
    this.#chunks.push(chunk);
    return chunk;
  }
}
