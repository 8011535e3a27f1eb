/** @file Synthetic faces: the same whatever the order, and doing what their action units say. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { actionUnits, type Activations } from '../../runtime/data/faces/action-units.js';
import { random } from '../../runtime/data/random.js';
import { defaultExpressions, drawActivations, expressions } from '../../runtime/data/faces/expressions.js';
import { drawPerson, generateFaces } from '../../runtime/data/faces/generate.js';
import { landmarks, shape } from '../../runtime/data/faces/geometry.js';
import { drawIdentity } from '../../runtime/data/faces/identity.js';
import { presets } from '../../runtime/data/faces/presets.js';
import { drawShot, faceHeight, faceWidth, Sitter } from '../../runtime/data/faces/render.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { probe } from '../../runtime/evaluation/probe.js';

const order = { seed: 7, people: 4, preset: 'easy', expressions: ['happiness', 'surprise'] } as const;
const size = faceHeight * faceWidth;
const person = drawIdentity(1, 0, presets.easy);
const showing = (...units: number[]): Activations => new Map(units.map((unit) => [unit, [1, 1] as const]));

test('a face does not depend on threads, on other classes or on the order of drawing', async () => {
  const one = await generateFaces(order, undefined, 1);
  const two = await generateFaces(order, undefined, 2);
  assert.is(Buffer.compare(one.pixels, two.pixels), 0);
  assert.is(one.truth.length, 4 * 2 * 4);
  const takes = ['surprise', 'happiness'].flatMap((expression) =>
    [0, 1, 2, 3].map((number) => ({ expression, number, rise: 1 })),
  );
  const reversed = drawPerson({ ...order, takes: [takes, takes, takes, []] }, 2);
  const happy = one.pixels.subarray(2 * 8 * size, (2 * 8 + 4) * size);
  assert.is(Buffer.compare(happy, reversed.pixels.subarray(4 * size)), 0);
});

test('seed, person, expression and shot each change the picture', () => {
  const draw = (seed: number, number: number, expression: string, shot: number): Uint8Array =>
    new Sitter(seed, number, presets.easy).picture(expression, shot).pixels;
  const first = draw(1, 0, 'anger', 0);
  for (const other of [
    draw(2, 0, 'anger', 0),
    draw(1, 1, 'anger', 0),
    draw(1, 0, 'fear', 0),
    draw(1, 0, 'anger', 1),
  ])
    assert.is.not(Buffer.compare(first, other), 0);
  assert.is(Buffer.compare(first, draw(1, 0, 'anger', 0)), 0);
});

test('the seven classes come in the order of the paper and use known action units', () => {
  assert.equal(defaultExpressions, [
    'anger',
    'contempt',
    'disgust',
    'fear',
    'happiness',
    'sadness',
    'surprise',
  ]);
  for (const parts of Object.values(expressions))
    for (const { unit, chance } of parts) assert.ok(actionUnits[unit] && chance > 0 && chance <= 1);
});

test('a smile raises and spreads the corners of the mouth, sadness lowers them', () => {
  const rest = landmarks(shape(person, new Map()));
  const smile = landmarks(shape(person, showing(12)));
  const sad = landmarks(shape(person, showing(15)));
  assert.ok(Math.abs(smile.mouthLeft[1] - rest.mouthLeft[1] + 0.15) < 1e-9);
  assert.ok(Math.abs(smile.mouthRight[0] - rest.mouthRight[0] - 0.12) < 1e-9);
  assert.ok(Math.abs(sad.mouthRight[1] - rest.mouthRight[1] - 0.13) < 1e-9);
});

test('contempt moves one corner only, on the image left', () => {
  const { geometry, activations } = new Sitter(1, 0, presets.easy).picture('contempt', 0).truth;
  assert.is(activations.get(12)![1], 0);
  assert.ok(geometry.mouth.left[1] < geometry.mouth.right[1]);
});

test('brows, lids and jaw follow their units', () => {
  const rest = shape(person, new Map());
  assert.ok(shape(person, showing(1)).brows[0].points[0][1] < rest.brows[0].points[0][1] - 0.14);
  assert.ok(shape(person, showing(4)).brows[1].points[0][0] < rest.brows[1].points[0][0]);
  assert.ok(shape(person, showing(5)).eyes[0].upper > rest.eyes[0].upper + 0.05);
  const open = shape(person, showing(26));
  assert.ok(open.mouth.lowerEdge - open.mouth.upperEdge > 0.3);
  assert.ok(open.chin > rest.chin + 0.26);
});

test('on pixels: an open mouth is dark, and a surprised one is open', () => {
  // The darkest 5x5 mean around the mouth, relative to the picture's mean, over people.
  const dark = (expression: string): number => {
    let sum = 0;
    for (let number = 0; number < 6; number++) {
      const { pixels } = new Sitter(3, number, presets.easy).picture(expression, 0);
      const mean = pixels.reduce((a, b) => a + b, 0) / size;
      let least = Infinity;
      for (let y = 98; y < 120; y++)
        for (let x = 50; x < 60; x++) {
          let box = 0;
          for (let k = 0; k < 25; k++)
            box += pixels[(y - 2 + Math.floor(k / 5)) * faceWidth + x - 2 + (k % 5)]!;
          least = Math.min(least, box / 25);
        }
      sum += least / mean / 6;
    }
    return sum;
  };
  assert.ok(dark('surprise') < 0.7 * dark('neutral'));
});

test('on pixels: the line of the mouth turns up in a smile and down in sadness', () => {
  // Height of the middle's darkest row over that of the two ends, in pixels, positive for a smile; over people.
  const turn = (expression: string): number => {
    let sum = 0;
    const people = 10;
    for (let number = 0; number < people; number++) {
      const { pixels, truth } = new Sitter(5, number, presets.easy).picture(expression, 0);
      const darkest = (x: number): number => {
        const column = Math.round(55 + 40.4 * x);
        let best = 92;
        for (let y = 92; y < 120; y++)
          if (pixels[y * faceWidth + column]! < pixels[best * faceWidth + column]!) best = y;
        return best;
      };
      const { left, right } = truth.geometry.mouth;
      sum += (2 * darkest(0) - darkest(left[0] + 0.1) - darkest(right[0] - 0.1)) / 2 / people;
    }
    return sum;
  };
  const [smile, rest, sad] = ['happiness', 'neutral', 'sadness'].map(turn) as [number, number, number];
  assert.ok(smile > rest + 2 && rest > sad + 2, `${smile} ${rest} ${sad}`);
});

test('people differ in glasses, age and gains; the preset widens resting brows', () => {
  const people = Array.from({ length: 80 }, (_, i) => drawIdentity(1, i, presets.easy));
  const withGlasses = people.filter((p) => p.glasses).length;
  assert.ok(withGlasses > 8 && withGlasses < 34);
  const spread = (preset: 'easy' | 'hard'): number => {
    const heights = Array.from(
      { length: 80 },
      (_, i) => drawIdentity(1, i, presets[preset]).brow.points[1]![1],
    );
    const mean = heights.reduce((a, b) => a + b) / 80;
    return Math.sqrt(heights.reduce((a, b) => a + (b - mean) ** 2, 0) / 80);
  };
  assert.ok(spread('hard') > 1.5 * spread('easy'));
});

test('presets: weaker expressions, more pose, more light, wider rest', () => {
  const spread = (values: readonly number[]): number => {
    const mean = values.reduce((a, b) => a + b) / values.length;
    return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  };
  const seen = (['easy', 'hard'] as const).map((name) => {
    const preset = presets[name];
    const shots = Array.from({ length: 60 }, (_, i) => drawShot(preset, random('test', i)));
    for (const { intensity } of shots)
      assert.ok(intensity >= preset.intensity[0] && intensity <= preset.intensity[1]);
    const people = Array.from({ length: 60 }, (_, i) => drawIdentity(1, i, preset));
    return {
      yaw: spread(shots.map((s) => s.pose.yaw)),
      azimuth: spread(shots.map((s) => s.light.azimuth)),
      mouth: spread(people.map((p) => p.mouth.curve)),
      lids: spread(people.map((p) => p.eye.opening)),
    };
  });
  const [easy, hard] = seen as [(typeof seen)[0], (typeof seen)[0]];
  // The factors of the presets are 2.1, 1.4, 2 and 2, less what is cut off.
  assert.ok(hard.yaw > 1.6 * easy.yaw && hard.azimuth > 1.15 * easy.azimuth);
  assert.ok(hard.mouth > 1.6 * easy.mouth && hard.lids > 1.5 * easy.lids);
});

test('the same action shows more on an expressive person, and on the side that moves more', () => {
  const shown = (gain: number, asymmetry: number): readonly [number, number] =>
    drawActivations('surprise', 0.5, { gains: new Map([[1, gain]]), asymmetry }, random('test', 1)).get(1)!;
  const plain = shown(1, 0);
  assert.ok(Math.abs(shown(1.3, 0)[0] / plain[0] - 1.3) < 1e-9);
  assert.ok(Math.abs(shown(1, 0.2)[0] / plain[0] - 1.1) < 1e-9);
  assert.ok(Math.abs(shown(1, 0.2)[1] / plain[1] - 0.9) < 1e-9);
  assert.equal(shown(50, 0), [1.4, 1.4], 'no muscle does more than that');
  assert.is(drawActivations('neutral', 1, person, random('test', 1)).size, 0);
});

test('what a face shows, a linear classifier reads from people it has not seen', async () => {
  const shown = ['happiness', 'sadness', 'surprise'];
  const people = 12;
  const { pixels, truth } = await generateFaces({ seed: 2, people, preset: 'easy', expressions: shown });
  const rowsOf = (indices: readonly number[]): { data: Float32Array; width: number } => {
    const [height, width] = [16, 13];
    const data = new Float32Array(indices.length * height * width);
    indices.forEach((face, k) => {
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          for (let i = 0; i < 64; i++)
            data[(k * height + y) * width + x]! +=
              pixels[face * size + (8 * y + (i >> 3)) * faceWidth + 8 * x + (i & 7)]! / 64;
    });
    return { data, width: height * width };
  };
  const held = truth.flatMap((t, i) => (t.person % 4 === 0 ? [i] : []));
  const rest = truth.flatMap((t, i) => (t.person % 4 === 0 ? [] : [i]));
  const { predicted } = probe(
    {
      rows: rowsOf(rest),
      labels: rest.map((i) => shown.indexOf(truth[i]!.expression)),
      units: rest.map((i) => `${truth[i]!.person}`),
    },
    rowsOf(held),
    { engine: await openEngine('cpu'), classes: 3, penalties: [0.1] },
  );
  const hits = held.filter((i, k) => truth[i]!.expression === shown[predicted[k]!]).length;
  assert.ok(hits / held.length > 0.8, `${hits} of ${held.length}`);
});

test('unknown expressions and no people are refused', async () => {
  const refused = async (change: object, words: RegExp): Promise<void> => {
    try {
      await generateFaces({ ...order, ...change });
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, words);
    }
  };
  await refused({ expressions: ['joy'] }, /no expression "joy"; they have anger/);
  await refused({ people: 0 }, /at least one person/);
});

test.run();
