/** @file A synthetic person: everything about a face that its expression does not change. */
import { random } from '../random.js';
import { actionUnits } from './action-units.js';
import type { Preset } from './presets.js';

/** Lengths in eye distances, origin between the eyes, y down; tones from 0 (black) to 1 (white). */
export interface Identity {
  readonly eye: {
    readonly halfWidth: number;
    /** Height of the upper lid at rest; the lower lid lies half as deep. */
    readonly opening: number;
    /** Slope of the axis, positive when the outer corner is higher. */
    readonly tilt: number;
    readonly iris: number;
    readonly tone: number;
  };
  readonly brow: {
    /** Inner, middle and outer point of the right half. */
    readonly points: readonly (readonly [x: number, y: number])[];
    readonly thickness: number;
    /** Share of the skin's light that the brow swallows. */
    readonly darkness: number;
  };
  readonly nose: { readonly halfWidth: number; readonly length: number; readonly height: number };
  readonly mouth: {
    readonly halfWidth: number;
    readonly y: number;
    /** How far the corners hang under the middle at rest. */
    readonly curve: number;
    readonly upperLip: number;
    readonly lowerLip: number;
    readonly darkness: number;
  };
  readonly head: {
    readonly halfWidth: number;
    readonly crown: number;
    readonly chin: number;
    /** Exponent of the lower half's superellipse. */
    readonly jaw: number;
    readonly narrowing: number;
  };
  readonly hair: {
    readonly line: number;
    /** How far the hairline falls towards the temples. */
    readonly temples: number;
    /** y at which the hair ends; above 0 it frames the face. */
    readonly end: number;
    readonly volume: number;
    readonly tone: number;
  };
  readonly skin: number;
  /** 0 young … 1 old: depth of the folds at rest. */
  readonly age: number;
  readonly stubble: number;
  readonly moles: readonly (readonly [x: number, y: number, radius: number])[];
  /** 8 x 7 tones of the skin, row by row, around 0. */
  readonly texture: Float64Array;
  readonly glasses: null | {
    readonly halfWidth: number;
    readonly halfHeight: number;
    readonly exponent: number;
    readonly rim: number;
    readonly tone: number;
  };
  /** Per action unit: how expressive this person is. */
  readonly gains: ReadonlyMap<number, number>;
  /** The image's left half moves by (1 + a/2), the right by (1 - a/2). */
  readonly asymmetry: number;
}

/** The person of that number; the same whatever else is drawn. */
export function drawIdentity(seed: number, person: number, preset: Preset): Identity {
  const r = random('faces', 'person', seed, person);
  const rest = preset.resting;
  const browHeight = r.normal(0, 0.035 * rest);
  const browPoint = (x: number, y: number): readonly [number, number] => [
    x + r.normal(0, 0.025),
    y + browHeight + r.normal(0, 0.02 * rest),
  ];
  const longHair = r.chance(0.45);
  const wearsGlasses = r.chance(0.25);
  const hasStubble = !longHair && r.chance(0.45);
  return {
    eye: {
      halfWidth: r.normal(0.215, 0.018),
      opening: Math.max(0.04, r.normal(0.085, 0.016 * rest)),
      tilt: r.normal(0.04, 0.06),
      iris: r.normal(0.1, 0.008),
      tone: r.uniform(0.08, 0.42),
    },
    brow: {
      points: [browPoint(0.23, -0.28), browPoint(0.53, -0.38), browPoint(0.83, -0.27)],
      thickness: Math.max(0.025, r.normal(0.055, 0.014)),
      darkness: r.uniform(0.35, 0.85),
    },
    nose: { halfWidth: r.normal(0.19, 0.025), length: r.normal(0.58, 0.045), height: r.normal(0.2, 0.03) },
    mouth: {
      halfWidth: r.normal(0.385, 0.035),
      y: r.normal(1.13, 0.03),
      curve: r.normal(0, 0.035 * rest),
      upperLip: Math.max(0.03, r.normal(0.065, 0.014)),
      lowerLip: Math.max(0.045, r.normal(0.09, 0.018)),
      darkness: r.uniform(0.12, 0.38),
    },
    head: {
      halfWidth: r.normal(1.02, 0.05),
      crown: r.normal(-1.55, 0.06),
      chin: r.normal(1.86, 0.07),
      jaw: r.normal(2.3, 0.25),
      narrowing: r.normal(0.22, 0.05),
    },
    hair: {
      line: r.normal(-0.98, 0.12),
      temples: r.normal(0.45, 0.12),
      end: longHair ? r.uniform(1, 2.4) : r.uniform(-0.35, 0.25),
      volume: Math.max(0.05, r.normal(0.13, 0.05)),
      tone: r.chance(0.25) ? r.uniform(0.45, 0.8) : r.uniform(0.06, 0.4),
    },
    skin: r.uniform(0.35, 0.85),
    age: r.uniform(),
    stubble: hasStubble ? r.uniform(0.1, 0.4) : 0,
    moles: Array.from(
      { length: r.below(4) },
      () => [r.normal(0, 0.4), r.uniform(-0.5, 1.5), r.uniform(0.018, 0.035)] as const,
    ),
    texture: Float64Array.from({ length: 56 }, () => r.normal(0, 1)),
    glasses: wearsGlasses
      ? {
          halfWidth: r.normal(0.33, 0.03),
          halfHeight: r.normal(0.24, 0.03),
          exponent: r.uniform(2, 4.5),
          rim: r.uniform(0.018, 0.035),
          tone: r.uniform(0.03, 0.3),
        }
      : null,
    gains: new Map(Object.keys(actionUnits).map((unit) => [Number(unit), Math.exp(r.normal(0, 0.22))])),
    asymmetry: r.normal(0, 0.12),
  };
}
