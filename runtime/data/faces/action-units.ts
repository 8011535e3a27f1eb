/**
 * @file Action units (Ekman & Friesen's FACS): what each muscle action moves and which folds it makes.
 * Lengths are in eye distances (40.4 px of the 128x110 frame), y points down, for full activation.
 */

/** One number per half of the face; `moves` of several units add up. */
export type Control =
  | 'browInnerX' // away from the nose
  | 'browInnerY'
  | 'browMidY'
  | 'browOuterY'
  | 'lidUpper' // height of the upper lid over the eye's axis
  | 'lidLower' // depth of the lower lid under the axis
  | 'wingY' // wings of the nose
  | 'upperLipY'
  | 'lipsY' // both lips
  | 'cornerX' // away from the middle
  | 'cornerY'
  | 'lowerLip' // relative growth of the lower lip
  | 'gap' // between the lips
  | 'chinY';

/** Folds and bulges, as strengths from 0. */
export type Mark =
  | 'foreheadCentre'
  | 'foreheadSides'
  | 'glabella' // vertical lines between the brows
  | 'crowsFeet'
  | 'noseLines'
  | 'nasolabial'
  | 'cheek'
  | 'dimple'
  | 'chin'
  | 'lipLine' // darker line between pressed lips
  | 'teeth'; // the upper teeth are bared

export interface ActionUnit {
  readonly name: string;
  readonly moves: Readonly<Partial<Record<Control, number>>>;
  readonly marks: Readonly<Partial<Record<Mark, number>>>;
  /** Share of the lips' thickness lost; several units multiply. */
  readonly thin?: number;
}

/** Keyed by the FACS number. Unit 26 also draws the corners in and down, so that a dropped jaw is round. */
export const actionUnits: Readonly<Record<number, ActionUnit>> = {
  1: {
    name: 'inner brow raise',
    moves: { browInnerY: -0.15, browMidY: -0.05 },
    marks: { foreheadCentre: 1 },
  },
  2: {
    name: 'outer brow raise',
    moves: { browOuterY: -0.13, browMidY: -0.1 },
    marks: { foreheadSides: 1 },
  },
  4: {
    name: 'brow lower',
    moves: { browInnerX: -0.06, browInnerY: 0.12, browMidY: 0.09, browOuterY: 0.03 },
    marks: { glabella: 1 },
  },
  5: { name: 'upper lid raise', moves: { lidUpper: 0.06 }, marks: {} },
  6: {
    name: 'cheek raise',
    moves: { lidLower: -0.03, lidUpper: -0.015 },
    marks: { cheek: 1, crowsFeet: 1 },
  },
  7: { name: 'lid tighten', moves: { lidUpper: -0.035, lidLower: -0.022 }, marks: {} },
  9: {
    name: 'nose wrinkle',
    moves: { wingY: -0.07, browInnerY: 0.05, upperLipY: -0.04 },
    marks: { noseLines: 1, nasolabial: 0.7 },
  },
  10: { name: 'upper lip raise', moves: { upperLipY: -0.1 }, marks: { nasolabial: 0.8, teeth: 0.5 } },
  12: {
    name: 'lip corner pull',
    moves: { cornerX: 0.12, cornerY: -0.15 },
    marks: { nasolabial: 0.8, cheek: 0.5, teeth: 1 },
    thin: 0.25,
  },
  14: { name: 'dimple', moves: { cornerX: 0.05, cornerY: -0.04 }, marks: { dimple: 1 } },
  15: { name: 'lip corner depress', moves: { cornerY: 0.13 }, marks: {} },
  17: { name: 'chin raise', moves: { lipsY: -0.07, lowerLip: 0.3 }, marks: { chin: 1 } },
  20: { name: 'lip stretch', moves: { cornerX: 0.15, cornerY: 0.04 }, marks: { teeth: 0.8 }, thin: 0.25 },
  23: { name: 'lip tighten', moves: {}, marks: { lipLine: 0.8 }, thin: 0.45 },
  24: { name: 'lip press', moves: { cornerX: -0.05 }, marks: { lipLine: 1 }, thin: 0.55 },
  25: { name: 'lips part', moves: { gap: 0.085 }, marks: {} },
  26: { name: 'jaw drop', moves: { gap: 0.34, chinY: 0.27, cornerX: -0.06, cornerY: 0.1 }, marks: {} },
};

/** Activation of each unit on the two halves of the face, by image side; 0 is at rest, 1 full. */
export type Activations = ReadonlyMap<number, readonly [left: number, right: number]>;

/** What a face does on one side: the sums of the table's entries under the activations. */
export interface Action {
  readonly moves: Readonly<Record<Control, number>>;
  readonly marks: Readonly<Record<Mark, number>>;
  /** Factor on the thickness of the lips. */
  readonly lips: number;
}

/** The action on one image side (0 left, 1 right). */
export function act(activations: Activations, side: 0 | 1): Action {
  const moves: Record<Control, number> = {
    browInnerX: 0,
    browInnerY: 0,
    browMidY: 0,
    browOuterY: 0,
    lidUpper: 0,
    lidLower: 0,
    wingY: 0,
    upperLipY: 0,
    lipsY: 0,
    cornerX: 0,
    cornerY: 0,
    lowerLip: 0,
    gap: 0,
    chinY: 0,
  };
  const marks: Record<Mark, number> = {
    foreheadCentre: 0,
    foreheadSides: 0,
    glabella: 0,
    crowsFeet: 0,
    noseLines: 0,
    nasolabial: 0,
    cheek: 0,
    dimple: 0,
    chin: 0,
    lipLine: 0,
    teeth: 0,
  };
  let lips = 1;
  for (const [number, sides] of activations) {
    const unit = actionUnits[number]!;
    const a = sides[side];
    for (const [control, by] of Object.entries(unit.moves)) moves[control as Control] += a * by;
    for (const [mark, by] of Object.entries(unit.marks)) marks[mark as Mark] += a * by;
    lips *= 1 - a * (unit.thin ?? 0);
  }
  return { moves, marks, lips: Math.max(0.2, lips) };
}
