/**
 * @file Normal numbers by the million, from random bits: the ziggurat of Marsaglia and Tsang (2000) with 256 layers. Exact; 99 of 100 numbers cost one product.
 * The rest take `exp` and `log`, which V8 computes in software, the same on every machine.
 */

/** Where the lowest layer ends and the tail begins, and the area of each layer: for 256 layers. */
const TAIL = 3.6541528853610088;
const AREA = 0.00492867323399;
const LAYERS = 256;
/** A position within a layer has a sign and 23 bits. */
const STEPS = 2 ** 23;

const density = (x: number): number => Math.exp(-0.5 * x * x);

/** Of layer i: how long it is (in units of a step), and how many steps of it lie under the curve whatever their height. */
const STEP = new Float64Array(LAYERS);
const INSIDE = new Float64Array(LAYERS);
/** The density where layers meet, from the top. */
const HEIGHT = new Float64Array(LAYERS);

{
  // The lowest layer holds the tail too: it is as long as a rectangle of that area would be.
  const ends = new Float64Array(LAYERS + 1);
  ends[LAYERS] = AREA / density(TAIL);
  ends[LAYERS - 1] = TAIL;
  for (let i = LAYERS - 2; i > 0; i--)
    ends[i] = Math.sqrt(-2 * Math.log(AREA / ends[i + 1]! + density(ends[i + 1]!)));
  for (let i = 0; i < LAYERS; i++) {
    STEP[i] = ends[i + 1]! / STEPS;
    INSIDE[i] = (ends[i]! / ends[i + 1]!) * STEPS;
    HEIGHT[i] = density(ends[i]!);
  }
}

/** Fills `values` with independent normal numbers of mean 0. `bits` gives 32 random bits, as a signed integer. */
export function fillNormal(values: Float32Array, sd: number, bits: () => number): void {
  for (let i = 0; i < values.length; i++) {
    const word = bits();
    // The first look of `settle`, here because a number that a function returns may be an object on the heap, and there are millions.
    const position = ((word << 8) >> 8) + 0.5;
    const layer = word >>> 24;
    values[i] = sd * (Math.abs(position) < INSIDE[layer]! ? position * STEP[layer]! : settle(word, bits));
  }
}

/** The normal number that begins with these bits. */
function settle(word: number, bits: () => number): number {
  for (; ; word = bits()) {
    const layer = word >>> 24;
    // Half a step off, so that both signs have equally many.
    const position = ((word << 8) >> 8) + 0.5;
    const x = position * STEP[layer]!;
    if (Math.abs(position) < INSIDE[layer]!) return x;
    if (layer === LAYERS - 1) return position < 0 ? -beyondTail(bits) : beyondTail(bits);
    const [above, below] = [HEIGHT[layer]!, HEIGHT[layer + 1]!];
    if (below + unit(bits) * (above - below) < density(x)) return x;
  }
}

/** Marsaglia (1964): a normal number above TAIL. */
function beyondTail(bits: () => number): number {
  for (;;) {
    const beyond = -Math.log(unit(bits)) / TAIL;
    if (-2 * Math.log(unit(bits)) > beyond * beyond) return TAIL + beyond;
  }
}

/** Uniform in (0, 1). */
const unit = (bits: () => number): number => ((bits() >>> 0) + 0.5) / 2 ** 32;
