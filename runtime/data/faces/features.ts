/** @file The moving parts: folds in the surface; brows, lips and nostrils in the skin's tone; eyes, mouth and glasses over the lit skin. */
import { addGaussian, boxOf, columns, smooth, xOf, yOf } from './canvas.js';
import type { Eye, Furrow, Geometry, Mouth } from './geometry.js';
import type { Identity } from './identity.js';

/** Folds, bulges, lips and nose wings, added to the resting surface in place. */
export function addRelief(
  height: Float32Array,
  { furrows, bumps, mouth, wings }: Geometry,
  person: Identity,
): void {
  for (const { at, radius, height: rise } of bumps)
    addGaussian(height, at[0], at[1], radius[0], radius[1], rise);
  for (const furrow of furrows) carve(height, furrow);
  for (const [x, y] of wings) addGaussian(height, x * 0.95, y - 0.01, 0.065, 0.07, person.nose.height * 0.28);
  eachLipCell(mouth, (at, y, upper, lower, taper) => {
    const above = (y - (upper - 0.5 * mouth.upperLip * taper)) / (0.6 * mouth.upperLip);
    const below = (y - (lower + 0.5 * mouth.lowerLip * taper)) / (0.6 * mouth.lowerLip);
    height[at]! += taper * (0.028 * Math.exp(-above * above) + 0.045 * Math.exp(-below * below));
  });
}

/** A Gaussian groove along a quadratic curve, fading out at both ends. */
function carve(height: Float32Array, { curve, depth, width }: Furrow): void {
  const [p, q, r] = curve;
  const steps = 7;
  const points = Array.from({ length: steps + 1 }, (_, i) => {
    const t = i / steps;
    const mix = (axis: 0 | 1): number => (1 - t) ** 2 * p[axis] + 2 * t * (1 - t) * q[axis] + t * t * r[axis];
    return [mix(0), mix(1)] as const;
  });
  const reach = 2.4 * width;
  const { x0, x1, y0, y1 } = boxOf(
    Math.min(...points.map((a) => a[0])) - reach,
    Math.max(...points.map((a) => a[0])) + reach,
    Math.min(...points.map((a) => a[1])) - reach,
    Math.max(...points.map((a) => a[1])) + reach,
  );
  const segments = Float64Array.from(
    points.slice(1).flatMap(([bx, by], k) => {
      const [ax, ay] = points[k]!;
      return [ax, ay, bx - ax, by - ay, 1 / ((bx - ax) ** 2 + (by - ay) ** 2)];
    }),
  );
  for (let row = y0; row < y1; row++)
    for (let column = x0; column < x1; column++) {
      let nearest = reach * reach;
      let along = 0;
      for (let k = 0; k < segments.length; k += 5) {
        const x = xOf(column) - segments[k]!;
        const y = yOf(row) - segments[k + 1]!;
        const dx = segments[k + 2]!;
        const dy = segments[k + 3]!;
        const t = Math.min(1, Math.max(0, (x * dx + y * dy) * segments[k + 4]!));
        const distance = (x - t * dx) * (x - t * dx) + (y - t * dy) * (y - t * dy);
        if (distance < nearest) {
          nearest = distance;
          along = (k / 5 + t) / steps;
        }
      }
      if (nearest < reach * reach)
        height[row * columns + column]! -=
          depth * Math.sqrt(4 * along * (1 - along)) * Math.exp(-nearest / (width * width));
    }
}

/** Eye rings, nostrils, lips and brows, in the skin's tone, in place. */
export function paintSkin(
  tone: Float32Array,
  geometry: Geometry,
  person: Identity,
  hairs: (cell: number) => number,
): void {
  for (const eye of geometry.eyes) addGaussian(tone, eye.x, 0.03, 0.3, 0.17, -0.1 * person.skin);
  for (const [x, y] of geometry.wings) addGaussian(tone, x * 0.5, y + 0.055, 0.052, 0.03, -0.6 * person.skin);
  eachLipCell(geometry.mouth, (at, y, upper, lower, taper) => {
    const { upperLip, lowerLip, line } = geometry.mouth;
    const soft = 0.014;
    const onUpper =
      smooth(upper - upperLip * taper - soft, upper - upperLip * taper + soft, y) *
      smooth(upper + soft, upper - soft, y);
    const onLower =
      smooth(lower + lowerLip * taper + soft, lower + lowerLip * taper - soft, y) *
      smooth(lower - soft, lower + soft, y);
    const seam = Math.exp(-(((y - (upper + lower) / 2) / 0.017) ** 2)) * (lower - upper < 0.05 ? line : 0);
    tone[at]! *= 1 - Math.min(0.9, person.mouth.darkness * (1.25 * onUpper + onLower) + seam);
  });
  for (const { x, y } of [
    { x: geometry.mouth.left[0], y: geometry.mouth.left[1] },
    { x: geometry.mouth.right[0], y: geometry.mouth.right[1] },
  ])
    addGaussian(tone, x, y, 0.035, 0.025, -0.3 * person.skin);
  for (const { points } of geometry.brows) {
    const [a, b, c] = points;
    const { x0, x1, y0, y1 } = boxOf(
      Math.min(a[0], c[0]) - 0.05,
      Math.max(a[0], c[0]) + 0.05,
      Math.min(a[1], b[1], c[1]) - 0.15,
      Math.max(a[1], b[1], c[1]) + 0.15,
    );
    for (let column = x0; column < x1; column++) {
      const x = xOf(column);
      const t = (x - a[0]) / (c[0] - a[0]);
      if (t < -0.05 || t > 1.05) continue;
      const middle =
        (a[1] * (x - b[0]) * (x - c[0])) / ((a[0] - b[0]) * (a[0] - c[0])) +
        (b[1] * (x - a[0]) * (x - c[0])) / ((b[0] - a[0]) * (b[0] - c[0])) +
        (c[1] * (x - a[0]) * (x - b[0])) / ((c[0] - a[0]) * (c[0] - b[0]));
      const thickness = person.brow.thickness * (1.05 - 0.7 * t * t) * smooth(-0.05, 0.06, t);
      for (let row = y0; row < y1; row++) {
        const at = row * columns + column;
        const cover = smooth(1.15, 0.55, Math.abs((yOf(row) - middle) / (thickness + 1e-6)));
        tone[at]! *= 1 - person.brow.darkness * cover * (0.85 + 0.25 * hairs(at));
      }
    }
  }
}

/** Visits the cells around the mouth with the y of both inner edges and the lips' relative thickness there. */
function eachLipCell(
  mouth: Mouth,
  visit: (cell: number, y: number, upper: number, lower: number, taper: number) => void,
): void {
  const { left, right, upperEdge, lowerEdge } = mouth;
  const { x0, x1 } = boxOf(left[0], right[0], 0, 0);
  for (let column = x0; column < x1; column++) {
    const t = (xOf(column) - left[0]) / (right[0] - left[0]);
    if (t <= 0 || t >= 1) continue;
    const u = Math.abs(2 * t - 1);
    const chord = left[1] + t * (right[1] - left[1]);
    const middle = (left[1] + right[1]) / 2;
    const upper = chord + (upperEdge - middle) * (1 - u ** 2.2);
    const lower = chord + (lowerEdge - middle) * (1 - u ** 2.4);
    const bow = 1 - 0.22 * Math.exp(-(((t - 0.5) / 0.09) ** 2));
    const taper = Math.sqrt(1 - u ** 2.2) * bow;
    const { y0, y1 } = boxOf(0, 0, upper - 1.7 * mouth.upperLip - 0.03, lower + 1.8 * mouth.lowerLip + 0.03);
    for (let row = y0; row < y1; row++) visit(row * columns + column, yOf(row), upper, lower, taper);
  }
}

/** Draws the inside of an open mouth over the lit face: dark, with the upper teeth if bared. */
export function paintMouth(light: Float32Array, mouth: Mouth, exposure: number): void {
  const middle = (mouth.left[0] + mouth.right[0]) / 2;
  const half = (mouth.right[0] - mouth.left[0]) / 2;
  const teethWidth = 0.72 * half;
  eachLipCell(mouth, (at, y, upper, lower) => {
    if (lower - upper < 0.012) return;
    const inside =
      smooth(upper - 0.008, upper + 0.012, y) *
      smooth(lower + 0.012, lower - 0.012, y) *
      smooth(0.012, 0.04, lower - upper);
    if (inside === 0) return;
    const x = xOf(at % columns);
    const bottom = upper + Math.min(0.12, 0.75 * (lower - upper));
    const teeth =
      mouth.teeth *
      smooth(bottom + 0.012, bottom - 0.012, y) *
      smooth(teethWidth + 0.06, teethWidth - 0.06, Math.abs(x - middle));
    const tone = (0.07 + (0.62 - 0.07) * teeth) * exposure;
    light[at]! += (tone - light[at]!) * inside;
  });
}

/** Draws an eye over the lit face: lids, white, iris, pupil, highlight and crease. `gaze` shifts the iris. */
export function paintEye(
  light: Float32Array,
  eye: Eye,
  person: Identity,
  gaze: readonly [number, number],
  exposure: number,
): void {
  const { halfWidth, upper, lower, slope } = eye;
  const { x0, x1, y0, y1 } = boxOf(
    eye.x - halfWidth - 0.08,
    eye.x + halfWidth + 0.08,
    -upper - eye.crease - 0.12,
    lower + 0.12,
  );
  for (let column = x0; column < x1; column++) {
    const x = xOf(column) - eye.x;
    const u = Math.abs(x / halfWidth);
    const bow = u < 1 ? (1 - u * u) ** 0.75 : 0;
    const axis = slope * x;
    for (let row = y0; row < y1; row++) {
      const at = row * columns + column;
      const y = yOf(row) - axis;
      const top = -upper * bow;
      const inside =
        u < 1 ? smooth(top - 0.012, top + 0.012, y) * smooth(lower * bow + 0.01, lower * bow - 0.01, y) : 0;
      if (inside > 0) {
        const r = Math.hypot(x - gaze[0], y + 0.012 - gaze[1]);
        const onIris = smooth(person.eye.iris + 0.012, person.eye.iris - 0.012, r);
        const onPupil = smooth(0.052, 0.034, r);
        const white = 0.82 * (1 - 0.3 * smooth(0.05, -0.01, y - top)) * (1 - 0.22 * u);
        let tone = white + (person.eye.tone - white) * onIris;
        tone += (0.04 - tone) * onPupil;
        tone = tone * exposure;
        tone += (0.95 - tone) * smooth(0.03, 0.014, Math.hypot(x - gaze[0] - 0.032, y - gaze[1] + 0.04));
        light[at]! += (tone - light[at]!) * inside;
      }
      const end = smooth(1.12, 0.95, u);
      const lashes = 0.75 * Math.exp(-(((y - top + 0.006) / 0.02) ** 2));
      const rim = 0.3 * Math.exp(-(((y - lower * bow - 0.008) / 0.014) ** 2));
      const crease = 0.3 * Math.exp(-(((y + (upper + eye.crease) * Math.max(bow, 0.25)) / 0.018) ** 2));
      light[at]! *= 1 - end * Math.max(lashes, rim, crease);
    }
  }
}

/** Draws glasses over the lit face: two rims, a bridge and the sides; the glass brightens a little. */
export function paintGlasses(light: Float32Array, person: Identity, exposure: number): void {
  const { glasses } = person;
  if (!glasses) return;
  const { x0, x1, y0, y1 } = boxOf(-1.1, 1.1, -0.36, 0.4);
  for (let row = y0; row < y1; row++)
    for (let column = x0; column < x1; column++) {
      const x = Math.abs(xOf(column));
      const y = yOf(row) - 0.02;
      const inX = Math.abs(x - 0.5) / glasses.halfWidth;
      const inY = Math.abs(y) / glasses.halfHeight;
      if (inX > 1.35 && Math.abs(y) > 0.12) continue;
      const radius = (inX ** glasses.exponent + inY ** glasses.exponent) ** (1 / glasses.exponent);
      const distance = Math.abs(radius - 1) * Math.min(glasses.halfWidth, glasses.halfHeight);
      const rim = smooth(glasses.rim + 0.008, glasses.rim - 0.008, distance);
      const bridge =
        x < 0.5 - glasses.halfWidth ? smooth(0.03, 0.016, Math.abs(y + 0.05 + 0.2 * (0.17 - x))) : 0;
      const temple = x > 0.5 + glasses.halfWidth ? smooth(0.03, 0.014, Math.abs(y + 0.06)) : 0;
      const at = row * columns + column;
      if (radius < 1) light[at]! += 0.05 * exposure * smooth(0.3, -0.3, y + x * 0.4);
      light[at]! += (glasses.tone * exposure - light[at]!) * Math.max(rim, bridge, temple);
    }
}
