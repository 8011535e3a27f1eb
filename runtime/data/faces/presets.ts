/** @file Difficulty of synthetic faces: how weak the expressions are and how strong everything else is. */

export interface Preset {
  /** Range of the strength of a shown expression; 1 is the full pose of the expression tables. */
  readonly intensity: readonly [from: number, to: number];
  /** Standard deviation of yaw in radians; pitch and roll follow at a fraction of it. */
  readonly pose: number;
  /** Factor on the spread of the light's direction. */
  readonly light: number;
  /** Factor on the spread of resting brows, lids and mouth, which look like weak expressions. */
  readonly resting: number;
}

export type PresetName = 'easy' | 'medium' | 'hard';

export const presets: Readonly<Record<PresetName, Preset>> = {
  easy: { intensity: [0.65, 1.1], pose: 0.12, light: 1, resting: 1 },
  medium: { intensity: [0.45, 0.9], pose: 0.2, light: 1, resting: 1.6 },
  hard: { intensity: [0.25, 0.6], pose: 0.25, light: 1.4, resting: 2 },
};
