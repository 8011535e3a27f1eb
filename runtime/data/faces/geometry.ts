/** @file The drawn shape of one face: a person's resting landmarks moved by the action units. */
import { act, type Action, type Activations, type Mark } from './action-units.js';
import type { Identity } from './identity.js';

export type Point = readonly [x: number, y: number];

export interface Brow {
  /** From the inner to the outer end, on the true side of the image (left has negative x). */
  readonly points: readonly [Point, Point, Point];
}

export interface Eye {
  readonly x: number;
  readonly halfWidth: number;
  /** Height of the upper and depth of the lower lid at the middle. */
  readonly upper: number;
  readonly lower: number;
  /** dy/dx of the axis in image directions. */
  readonly slope: number;
  /** How far the crease lies over the upper lid. */
  readonly crease: number;
}

export interface Mouth {
  readonly left: Point;
  readonly right: Point;
  /** y of the inner edges of the lips in the middle. */
  readonly upperEdge: number;
  readonly lowerEdge: number;
  readonly upperLip: number;
  readonly lowerLip: number;
  readonly line: number;
  readonly teeth: number;
}

/** A fold of the skin: a quadratic curve through three control points. */
export interface Furrow {
  readonly curve: readonly [Point, Point, Point];
  readonly depth: number;
  readonly width: number;
}

export interface Bump {
  readonly at: Point;
  readonly radius: Point;
  readonly height: number;
}

/** Pairs are (image left, image right). */
export interface Geometry {
  readonly brows: readonly [Brow, Brow];
  readonly eyes: readonly [Eye, Eye];
  readonly noseTip: Point;
  readonly wings: readonly [Point, Point];
  readonly mouth: Mouth;
  readonly chin: number;
  readonly bumps: readonly Bump[];
  readonly furrows: readonly Furrow[];
}

/** The shape of that person's face under those activations. */
export function shape(person: Identity, activations: Activations): Geometry {
  const actions = [act(activations, 0), act(activations, 1)] as const;
  const both = (read: (action: Action) => number): number => (read(actions[0]) + read(actions[1])) / 2;
  const wings = [wing(person, actions[0], -1), wing(person, actions[1], 1)] as const;
  const mouth = mouthOf(person, actions, both);
  return {
    brows: [browOf(person, actions[0], -1), browOf(person, actions[1], 1)],
    eyes: [eyeOf(person, actions[0], -1), eyeOf(person, actions[1], 1)],
    noseTip: [0, person.nose.length],
    wings,
    mouth,
    chin: person.head.chin + both((a) => a.moves.chinY),
    bumps: actions.flatMap((action, side) => bumpsOf(action, side === 0 ? -1 : 1)),
    furrows: [
      ...actions.flatMap((action, side) =>
        sideFurrows(person, action, side === 0 ? -1 : 1, wings[side]!, side === 0 ? mouth.left : mouth.right),
      ),
      ...middleFurrows(
        person,
        both((a) => a.marks.foreheadCentre),
        both((a) => a.marks.noseLines),
      ),
    ],
  };
}

function browOf(person: Identity, { moves }: Action, side: number): Brow {
  const [inner, mid, outer] = person.brow.points as [Point, Point, Point];
  return {
    points: [
      [side * (inner[0] + moves.browInnerX), inner[1] + moves.browInnerY],
      [side * (mid[0] + moves.browInnerX / 3), mid[1] + moves.browMidY],
      [side * outer[0], outer[1] + moves.browOuterY],
    ],
  };
}

function eyeOf(person: Identity, { moves }: Action, side: number): Eye {
  return {
    x: side * 0.5,
    halfWidth: person.eye.halfWidth,
    upper: Math.max(0.014, person.eye.opening + moves.lidUpper),
    lower: Math.max(0.008, person.eye.opening / 2 + moves.lidLower),
    slope: -side * person.eye.tilt,
    crease: 0.06 + Math.max(0, moves.lidUpper) * 0.3,
  };
}

function wing(person: Identity, { moves }: Action, side: number): Point {
  return [side * person.nose.halfWidth, person.nose.length + 0.03 + moves.wingY];
}

function mouthOf(
  person: Identity,
  actions: readonly [Action, Action],
  both: (read: (action: Action) => number) => number,
): Mouth {
  const rest = person.mouth;
  const corner = ({ moves }: Action, side: number): Point => [
    side * (rest.halfWidth + moves.cornerX),
    rest.y + rest.curve + moves.cornerY,
  ];
  const raise = both((a) => a.moves.upperLipY);
  const lips = both((a) => a.moves.lipsY);
  const gap = both((a) => a.moves.gap);
  const thickness = both((a) => a.lips);
  // Closed lips stay sealed when the upper one is raised, but not entirely; a gap opens mostly downwards.
  const upperEdge = rest.y + lips + raise - 0.15 * gap;
  return {
    left: corner(actions[0], -1),
    right: corner(actions[1], 1),
    upperEdge,
    lowerEdge: upperEdge + gap - 0.3 * raise,
    upperLip: rest.upperLip * thickness,
    lowerLip: rest.lowerLip * thickness * (1 + both((a) => a.moves.lowerLip)),
    line: 0.45 + 0.5 * both((a) => a.marks.lipLine),
    teeth: Math.min(1, 0.15 + both((a) => a.marks.teeth)),
  };
}

function bumpsOf({ marks }: Action, side: number): Bump[] {
  return [
    {
      at: [side * 0.56, 0.42 - 0.12 * marks.cheek] as const,
      radius: [0.24, 0.17] as const,
      height: 0.11 * marks.cheek,
    },
    { at: [side * 0.12, 1.56] as const, radius: [0.2, 0.13] as const, height: 0.07 * marks.chin },
  ].filter((bump) => bump.height > 0);
}

/** Folds of one half; age deepens them and leaves some at rest. */
function sideFurrows(
  person: Identity,
  { marks }: Action,
  side: number,
  [wingX, wingY]: Point,
  [cornerX, cornerY]: Point,
): Furrow[] {
  const old = 0.5 + 0.6 * person.age;
  const at = (x: number, y: number): Point => [side * x, y];
  const furrows: Furrow[] = [];
  const add = (strength: number, width: number, ...curve: readonly [Point, Point, Point]): void => {
    if (strength > 0.0008) furrows.push({ curve, depth: strength, width });
  };
  const fold = (mark: Mark, depth: number): number => marks[mark] * depth * old;
  add(
    fold('nasolabial', 0.06) + 0.02 * person.age,
    0.045,
    [wingX + side * 0.035, wingY - 0.05],
    [side * Math.max(Math.abs(cornerX) * 0.92, Math.abs(wingX) + 0.16), (wingY + cornerY) / 2 - 0.06],
    [cornerX + side * 0.1, cornerY - 0.01],
  );
  for (const x of [0.07, 0.115])
    add(
      fold('glabella', 0.035 - (x - 0.07) * 0.3),
      0.02,
      at(x * 0.9, -0.4),
      at(x * 1.1, -0.28),
      at(x, -0.16),
    );
  for (const [i, y] of [-0.82, -0.68, -0.54].entries())
    add(fold('foreheadSides', 0.022), 0.024, at(0.25, y), at(0.5, y - 0.04), at(0.78, y + 0.08 - 0.01 * i));
  for (const rise of [-0.09, 0, 0.09])
    add(
      fold('crowsFeet', 0.026) + 0.004 * person.age,
      0.018,
      at(0.74, rise / 2),
      at(0.82, rise * 0.9),
      at(0.92, rise * 1.6),
    );
  add(fold('noseLines', 0.028), 0.022, at(0.03, 0.12), at(0.1, 0.17), at(0.17, 0.25));
  add(
    fold('dimple', 0.06),
    0.04,
    [cornerX + side * 0.05, cornerY - 0.1],
    [cornerX + side * 0.1, cornerY],
    [cornerX + side * 0.06, cornerY + 0.1],
  );
  add(0.012 * person.age + fold('cheek', 0.02), 0.03, at(0.3, 0.14), at(0.5, 0.24), at(0.72, 0.17));
  return furrows;
}

function middleFurrows(person: Identity, forehead: number, nose: number): Furrow[] {
  const old = 0.5 + 0.6 * person.age;
  const lines = [-0.8, -0.66, -0.52].map((y): Furrow => ({
    curve: [
      [-0.42, y + 0.04],
      [0, y - 0.05],
      [0.42, y + 0.04],
    ],
    depth: (0.024 * forehead + 0.004 * person.age) * old,
    width: 0.024,
  }));
  const bridge = [-0.06, 0.03, 0.12].map((y): Furrow => ({
    curve: [
      [-0.13, y],
      [0, y - 0.03],
      [0.13, y],
    ],
    depth: 0.03 * nose * old,
    width: 0.02,
  }));
  return [...lines, ...bridge].filter((furrow) => furrow.depth > 0.0008);
}

/** The points a detector of landmarks would find on the unposed face, in eye distances, y down. */
export function landmarks({ eyes, noseTip, mouth }: Geometry): {
  readonly leftEye: Point;
  readonly rightEye: Point;
  readonly nose: Point;
  readonly mouthLeft: Point;
  readonly mouthRight: Point;
} {
  return {
    leftEye: [eyes[0].x, 0],
    rightEye: [eyes[1].x, 0],
    nose: noseTip,
    mouthLeft: mouth.left,
    mouthRight: mouth.right,
  };
}
