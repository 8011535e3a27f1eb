/** @file Damaged bytes: cut, flipped, overwritten, doubled, with numbers at the edges of their range. Seeded. */
import { randomFrom } from '../support/random-graph.js';

const EDGES = [0, 1, 0x7f, 0x80, 0xff];

export function damagedBytes(bytes: Uint8Array, seed: number): Uint8Array {
  const random = randomFrom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  let result = Uint8Array.from(bytes);
  for (let edits = 1 + below(4); edits > 0; edits--) {
    const size = result.length;
    // Headers decide more than what follows them.
    const at = random() < 0.5 ? below(size) : below(Math.min(size, 64));
    switch (below(7)) {
      case 0:
        result = result.slice(0, at);
        break;
      case 1:
        if (size > 0) result[at]! ^= 1 << below(8);
        break;
      case 2:
        if (size > 0) result[at] = EDGES[below(EDGES.length)]!;
        break;
      case 3:
        result.fill(EDGES[below(EDGES.length)]!, at, at + below(16));
        break;
      case 4: {
        const length = below(64);
        result = joined(result.slice(0, at + length), result.slice(at));
        break;
      }
      case 5:
        result = joined(result.slice(0, at), result.slice(at + 1 + below(32)));
        break;
      default:
        result = joined(
          result.slice(0, at),
          Uint8Array.from({ length: below(32) }, () => below(256)),
          result.slice(at),
        );
    }
  }
  return result;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
