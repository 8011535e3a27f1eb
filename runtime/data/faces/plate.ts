/** @file What is drawn once per person: the resting surface, skin, hair and neck. */
import { random } from '../random.js';
import { addGaussian, columns, latticeNoise, newField, pitch, rows, smooth, xOf, yOf } from './canvas.js';
import type { Identity } from './identity.js';

export interface Plate {
  /** z of the skin towards the camera, in eye distances. */
  readonly height: Float32Array;
  /** Tone of the face with fringe, moles and stubble, without features. */
  readonly face: Float32Array;
  /** Tone and cover of what lies behind the face: hair, ears, neck. */
  readonly back: Float32Array;
  readonly backCover: Float32Array;
}

/** Half-width of the head at `y`, negative outside its rows. `chin` may be lowered by an open jaw. */
function headEdge({ head }: Identity, chin: number, y: number): number {
  const middle = 0.15;
  if (y <= head.crown || y >= chin) return -1;
  if (y < middle) return head.halfWidth * (1 - ((middle - y) / (middle - head.crown)) ** 2.2) ** (1 / 2.2);
  const down = (y - middle) / (chin - middle);
  const narrow = 1 - head.narrowing * smooth(0, 1, down);
  return head.halfWidth * narrow * (1 - down ** head.jaw) ** (1 / head.jaw);
}

/** Per row of the raster: the head's half-width, and the factor from horizontal to true distance at its edge. */
export function headRows(person: Identity, chin: number): { edges: Float64Array; factors: Float64Array } {
  const edges = Float64Array.from({ length: rows }, (_, row) => headEdge(person, chin, yOf(row)));
  const factors = Float64Array.from(edges, (edge, row) => {
    const slope = (((edges[row + 1] ?? edge) - (edges[row - 1] ?? edge)) * pitch) / 2;
    return 1 / Math.sqrt(1 + slope * slope);
  });
  return { edges, factors };
}

/** The resting face of that person; `seed` and `number` key the strands of the hair. */
export function drawPlate(person: Identity, seed: number, number: number): Plate {
  const plate = { height: surface(person), face: newField(), back: newField(), backCover: newField() };
  const noise = random('faces', 'plate', seed, number);
  const strands = Float64Array.from({ length: 96 * 16 }, () => noise.uniform(-1, 1));
  const { hair, head } = person;
  const outline = hairHead(person);
  for (let row = 0, at = 0; row < rows; row++) {
    const y = yOf(row);
    const outer = headEdge(outline, outline.head.chin, y);
    const inner = headEdge(person, head.chin + 0.6, y);
    for (let column = 0; column < columns; column++, at++) {
      const x = xOf(column);
      const side = Math.abs(x);
      const framed = hair.end > 0.6 && side > 0.75 * head.halfWidth;
      const hairy = (side < outer + 0.1 && (side > inner - 0.15 || y < -0.2)) || framed;
      const strand = hairy
        ? latticeNoise(strands, 96, Math.atan2(x, y + 1.9) * 34 + 48, Math.hypot(x, y + 1.9) * 1.6)
        : 0;
      const fine = strands[(column * 7 + row * 131) % strands.length]!;
      const hairTone = hair.tone * (1 + 0.38 * strand + 0.08 * fine);
      if (side < inner + 0.1) plate.face[at] = faceTone(person, x, y, strand, fine, hairTone);
      if (side < inner - 0.15 && y < 1) continue; // never seen behind the face
      const hairCover =
        smooth(-0.02, 0.05, outer - side + 0.025 * strand) * smooth(0.2, -0.1, y - hair.end + 0.2 * strand);
      const earCover = smooth(
        1.15,
        0.85,
        Math.hypot((side - head.halfWidth - 0.01) / 0.1, (y - 0.22) / 0.24),
      );
      const neckCover = smooth(0.68, 0.6, side - 0.2 * smooth(1.7, 2.3, y)) * smooth(0.9, 1.2, y);
      const body = person.skin * (neckCover > earCover ? 0.55 : 0.8);
      plate.back[at] = body + (hairTone * 0.85 - body) * hairCover;
      plate.backCover[at] = Math.max(hairCover, earCover, neckCover);
    }
  }
  for (const [x, y, radius] of person.moles)
    addGaussian(plate.face, x, y, radius, radius, -0.3 * person.skin);
  return plate;
}

/** Skin with its blotches and beard, under the fringe and, with long hair, the strands beside the cheeks. */
function faceTone(
  person: Identity,
  x: number,
  y: number,
  strand: number,
  fine: number,
  hairTone: number,
): number {
  const { skin, hair, head, stubble, texture } = person;
  const across = Math.abs(x) / head.halfWidth;
  const blotches = 0.1 * latticeNoise(texture, 8, (x + 1.2) * 3.1, (y + 1.7) * 1.9);
  const beard = stubble > 0 && y > 0.45 ? stubble * beardArea(x, y) * (0.8 + 0.3 * fine) : 0;
  const tone = skin * (1 + blotches) * (1 - beard);
  const line = hair.line + hair.temples * across ** 2.6 + 0.05 * strand;
  const front = smooth(line + 0.06, line - 0.06, y);
  const sides = hair.end > 0.6 ? smooth(0.86, 0.98, across + 0.03 * strand) * smooth(-0.9, -0.5, y) : 0;
  return tone + (hairTone - tone) * Math.max(front, sides);
}

/** The hair's outline: the head's, grown by the volume, as wide below as above. */
function hairHead(person: Identity): Identity {
  const { head, hair } = person;
  return {
    ...person,
    head: {
      ...head,
      halfWidth: head.halfWidth + hair.volume,
      crown: head.crown - hair.volume,
      chin: Math.max(1.9, hair.end + 0.8),
      jaw: 3,
      narrowing: 0,
    },
  };
}

function beardArea(x: number, y: number): number {
  const jaw = smooth(0.75, 1.15, y + 0.4 * Math.abs(x)) * smooth(0.45, 1, y);
  return jaw * (1 - 0.5 * smooth(0.25, 0.1, Math.hypot(x * 0.7, y - 1.13)));
}

/** Ellipsoid with sockets, brow ridge, cheekbones, nose, mouth and chin. */
function surface(person: Identity): Float32Array {
  const field = newField();
  const rx = person.head.halfWidth * 1.14;
  for (let row = 0, at = 0; row < rows; row++) {
    const v = ((yOf(row) - 0.2) / 2) ** 2;
    for (let column = 0; column < columns; column++, at++)
      field[at] = Math.sqrt(Math.max(0, 1 - v - (xOf(column) / rx) ** 2));
  }
  const { length, halfWidth, height } = person.nose;
  for (const side of [-1, 1]) {
    addGaussian(field, side * 0.48, 0, 0.28, 0.17, -0.1);
    addGaussian(field, side * 0.24, 0, 0.09, 0.16, -0.05);
    addGaussian(field, side * 0.45, -0.3, 0.36, 0.12, 0.05);
    addGaussian(field, side * 0.64, 0.5, 0.24, 0.22, 0.06);
    addGaussian(field, side * halfWidth * 0.82, length + 0.02, 0.075, 0.085, height * 0.3);
  }
  addGaussian(field, 0, 1.12, 0.45, 0.3, 0.05);
  addGaussian(field, 0, person.head.chin - 0.24, 0.24, 0.15, 0.07);
  addGaussian(field, 0, length - 0.01, 0.115, 0.1, height * 0.5);
  addRidge(field, length, height);
  return field;
}

/** The bridge of the nose rises and widens from between the eyes to the tip and ends there. */
function addRidge(field: Float32Array, length: number, height: number): void {
  for (let row = 0; row < rows; row++) {
    const y = yOf(row);
    const profile =
      height *
      (0.35 + 0.65 * smooth(-0.05, length, y)) *
      smooth(-0.3, 0.05, y) *
      smooth(length + 0.12, length - 0.02, y);
    if (profile < 1e-4) continue;
    const width = 0.085 + 0.035 * smooth(0, length, y);
    for (let column = 0; column < columns; column++) {
      const d = xOf(column) / width;
      if (Math.abs(d) < 2.6) field[row * columns + column]! += profile * Math.exp(-d * d);
    }
  }
}
