/**
 * @file From a person, an expression and a shot to 128x110 gray pixels. The face is built and lit on the
 * face-fixed raster, then turned, placed and filtered: per-pixel arithmetic only, so results are reproducible.
 */
import { random, type Random } from '../random.js';
import { columns, eyeDistance, left, newField, pitch, rows, smooth, top, xOf } from './canvas.js';
import { drawActivations } from './expressions.js';
import type { Activations } from './action-units.js';
import { addRelief, paintEye, paintGlasses, paintMouth, paintSkin } from './features.js';
import { shape, type Geometry } from './geometry.js';
import { drawIdentity, type Identity } from './identity.js';
import { drawPlate, headRows, type Plate } from './plate.js';
import type { Preset } from './presets.js';

export const faceHeight = 128;
export const faceWidth = 110;
/** The point between the eyes, in pixels from the edge of the frame. */
export const centre = { x: 55, y: 59 };

/** Everything of one picture that is neither the person nor the expression. Angles in radians. */
export interface Shot {
  readonly intensity: number;
  readonly pose: { readonly yaw: number; readonly pitch: number; readonly roll: number };
  /** Pixels, and a factor. */
  readonly place: { readonly x: number; readonly y: number; readonly scale: number };
  /** Azimuth positive from the image's right, elevation negative from above; ambient share. */
  readonly light: { readonly azimuth: number; readonly elevation: number; readonly ambient: number };
  readonly gaze: readonly [number, number];
  readonly background: readonly [tone: number, slope: number];
  readonly gamma: number;
}

/** What is known of a picture, for probes and checks. */
export interface Truth {
  readonly person: number;
  readonly expression: string;
  /** Of the picture, among those of that person and expression. */
  readonly number: number;
  readonly shot: Shot;
  readonly activations: Activations;
  readonly geometry: Geometry;
  readonly glasses: boolean;
  readonly age: number;
}

export interface Face {
  /** 0…255, 128 rows of 110. */
  readonly pixels: Uint8Array;
  readonly truth: Truth;
}

/** Draws the circumstances of one picture. */
export function drawShot({ intensity, pose, light }: Preset, from: Random): Shot {
  return {
    intensity: from.uniform(...intensity),
    pose: {
      yaw: from.normal(0, pose),
      pitch: from.normal(0, 0.5 * pose),
      roll: from.normal(0, 0.02 + 0.1 * pose),
    },
    place: { x: from.normal(0, 0.8), y: from.normal(0, 0.8), scale: Math.exp(from.normal(0, 0.02)) },
    light: {
      azimuth: from.normal(0, 0.5 * light),
      elevation: from.normal(-0.45, 0.25 * light),
      ambient: from.uniform(0.28, 0.5),
    },
    gaze: [from.normal(0, 0.02), from.normal(0, 0.012)],
    background: [from.uniform(0.05, 0.95), from.uniform(-0.15, 0.15)],
    gamma: from.uniform(0.9, 1.1),
  };
}

/** Draws the pictures of one person; the resting plate is made once. */
export class Sitter {
  readonly identity: Identity;
  private readonly plate: Plate;
  /** Reused for every picture. */
  private readonly scratch = { height: newField(), tone: newField(), face: newField(), cover: newField() };
  private readonly preset: Preset;
  private readonly seed: number;
  private readonly person: number;

  constructor(seed: number, person: number, preset: Preset) {
    this.seed = seed;
    this.person = person;
    this.preset = preset;
    this.identity = drawIdentity(seed, person, preset);
    this.plate = drawPlate(this.identity, seed, person);
  }

  /**
   * The picture with that number of that expression; the same in whatever order pictures are taken.
   * @param rise the share of its intensity, 1 at the peak: all else is as in the picture with that number.
   */
  picture(expression: string, number: number, rise = 1): Face {
    const from = random('faces', 'shot', this.seed, this.person, expression, number);
    const drawn = drawShot(this.preset, from);
    const shot = { ...drawn, intensity: drawn.intensity * rise };
    const activations = drawActivations(expression, shot.intensity, this.identity, from);
    const geometry = shape(this.identity, activations);
    const { face, cover } = this.light(geometry, shot);
    const { glasses, age } = this.identity;
    return {
      pixels: photograph(face, cover, shot, this.identity, from.bits),
      truth: {
        person: this.person,
        expression,
        number,
        shot,
        activations,
        geometry,
        glasses: glasses !== null,
        age,
      },
    };
  }

  /** The lit head on the face-fixed raster, blended over hair and neck, and what it covers. */
  private light(geometry: Geometry, shot: Shot): { face: Float32Array; cover: Float32Array } {
    const { identity, plate } = this;
    const { height, tone, face, cover } = this.scratch;
    height.set(plate.height);
    tone.set(plate.face);
    addRelief(height, geometry, identity);
    paintSkin(tone, geometry, identity, hairTexture);
    const { ambient } = shot.light;
    const exposure = ambient + 0.8 * (1 - ambient);
    shade(face, tone, height, shot);
    for (const eye of geometry.eyes) paintEye(face, eye, identity, shot.gaze, exposure);
    paintMouth(face, geometry.mouth, exposure);
    paintGlasses(face, identity, exposure);

    const { edges, factors } = headRows(identity, geometry.chin);
    for (let row = 0, at = 0; row < rows; row++)
      for (let column = 0; column < columns; column++, at++) {
        const mask = smooth(-0.025, 0.025, (edges[row]! - Math.abs(xOf(column))) * factors[row]!);
        cover[at] = 1;
        if (mask === 1) continue;
        const back = plate.back[at]! * exposure * 0.9;
        face[at] = back + (face[at]! - back) * mask;
        cover[at] = Math.max(mask, plate.backCover[at]!);
      }
    return { face, cover };
  }
}

/** Fine strokes in the brows. */
const hairTexture = (cell: number): number =>
  Math.sin((cell % columns) * 1.7 + Math.floor(cell / columns) * 0.9);

/** Ambient, Lambert and a little specular light; the lamp stands still while the head turns. */
function shade(result: Float32Array, tone: Float32Array, height: Float32Array, { light, pose }: Shot): void {
  const azimuth = light.azimuth - pose.yaw;
  const elevation = light.elevation - pose.pitch;
  const lx = Math.sin(azimuth) * Math.cos(elevation);
  const ly = Math.sin(elevation);
  const lz = Math.cos(azimuth) * Math.cos(elevation);
  // The half vector between lamp and camera, for the highlight.
  const half = Math.hypot(lx, ly, lz + 1);
  for (let row = 1; row < rows - 1; row++)
    for (let at = row * columns + 1; at < (row + 1) * columns - 1; at++) {
      const nx = (height[at - 1]! - height[at + 1]!) * (pitch / 2);
      const ny = (height[at - columns]! - height[at + columns]!) * (pitch / 2);
      const length = Math.sqrt(nx * nx + ny * ny + 1);
      const lambert = Math.max(0, (nx * lx + ny * ly + lz) / length);
      const glance = Math.max(0, (nx * lx + ny * ly + lz + 1) / (length * half));
      const square = glance * glance;
      const eighth = square * square * square * square;
      result[at] =
        tone[at]! * (light.ambient + 1.12 * (1 - light.ambient) * lambert) + 0.07 * eighth * eighth * eighth;
    }
}

/** Turns and places the head in the frame at 2x, then box, gamma, blur and noise. */
function photograph(
  face: Float32Array,
  cover: Float32Array,
  shot: Shot,
  person: Identity,
  bits: () => number,
): Uint8Array {
  const { pose, place, background } = shot;
  const cos = Math.cos(pose.roll) / (eyeDistance * place.scale);
  const sin = Math.sin(pose.roll) / (eyeDistance * place.scale);
  const [widen, tanYaw] = [1 / Math.cos(pose.yaw), Math.tan(pose.yaw)];
  const [lengthen, tanPitch] = [1 / Math.cos(pose.pitch), Math.tan(pose.pitch)];
  const roundX = 1 / (person.head.halfWidth * 1.14) ** 2;
  const small = new Float32Array(faceHeight * faceWidth);
  for (let row = 0; row < 2 * faceHeight; row++)
    for (let column = 0; column < 2 * faceWidth; column++) {
      const px = (column + 0.5) / 2 - centre.x - place.x;
      const py = (row + 0.5) / 2 - centre.y - place.y;
      const x = px * cos + py * sin;
      const y = py * cos - px * sin;
      const outward = x * x * roundX + (y - 0.2) * (y - 0.2) * 0.25;
      const nose =
        Math.abs(x) < 0.45 && y > -0.3 && y < 1
          ? person.nose.height * noseBump(x, y - person.nose.length)
          : 0;
      const z = depth(outward) + nose - 0.75;
      const u = (x * widen - tanYaw * z - left) * pitch - 0.5;
      const v = (y * lengthen - tanPitch * z - top) * pitch - 0.5;
      const i = Math.min(columns - 2, Math.max(0, Math.floor(u)));
      const j = Math.min(rows - 2, Math.max(0, Math.floor(v)));
      const fu = Math.min(1, Math.max(0, u - i));
      const fv = Math.min(1, Math.max(0, v - j));
      const at = j * columns + i;
      const a = (1 - fu) * (1 - fv);
      const b = fu * (1 - fv);
      const c = (1 - fu) * fv;
      const d = fu * fv;
      const lit = a * face[at]! + b * face[at + 1]! + c * face[at + columns]! + d * face[at + columns + 1]!;
      const seen =
        a * cover[at]! + b * cover[at + 1]! + c * cover[at + columns]! + d * cover[at + columns + 1]!;
      const behind = background[0] + (background[1] * px) / faceWidth;
      small[(row >> 1) * faceWidth + (column >> 1)]! += (behind + (lit - behind) * seen) / 4;
    }
  for (let i = 0; i < small.length; i++) small[i] = Math.max(0, small[i]!) ** shot.gamma;
  return expose(small, bits);
}

/** An ellipsoid's depth, continued by its tangent near the edge: a turned head must not fold over itself. */
export function depth(outward: number): number {
  return outward < 0.6 ? Math.sqrt(1 - outward) : Math.max(0, 0.632 - 0.79 * (outward - 0.6));
}

function noseBump(x: number, fromTip: number): number {
  const along = fromTip < 0 ? Math.max(0, 1 + fromTip / 0.75) : Math.max(0, 1 - fromTip / 0.15);
  return along * Math.exp(-(x * x) / 0.03);
}

/** A light 3-tap blur both ways, noise of 2 % of the range, and 8 bits. */
function expose(image: Float32Array, bits: () => number): Uint8Array {
  const pixels = new Uint8Array(image.length);
  const clampX = (x: number): number => Math.min(faceWidth - 1, Math.max(0, x));
  const blurred = new Float32Array(image.length);
  for (let y = 0, at = 0; y < faceHeight; y++)
    for (let x = 0; x < faceWidth; x++, at++)
      blurred[at] =
        0.7 * image[at]! +
        0.15 * (image[y * faceWidth + clampX(x - 1)]! + image[y * faceWidth + clampX(x + 1)]!);
  for (let y = 0, at = 0; y < faceHeight; y++)
    for (let x = 0; x < faceWidth; x++, at++) {
      const up = blurred[Math.max(0, y - 1) * faceWidth + x]!;
      const down = blurred[Math.min(faceHeight - 1, y + 1) * faceWidth + x]!;
      // The sum of four random bytes is close to normal: mean 510, standard deviation 147.8.
      const b = bits();
      const noise = (((b & 255) + ((b >>> 8) & 255) + ((b >>> 16) & 255) + (b >>> 24) - 510) / 147.8) * 0.02;
      pixels[at] = Math.round(
        255 * Math.min(1, Math.max(0, 0.7 * blurred[at]! + 0.15 * (up + down) + noise)),
      );
    }
  return pixels;
}
