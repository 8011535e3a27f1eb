/**
 * @file `npm run prove:mtcnn FOLDER`: MTCNN with the published weights on real photographs, the Face Research Lab London Set at FOLDER (neutral/, smiling/,
 * landmarks.csv): the three networks against numpy's (test/proofs/mtcnn/forward.py, with python3 or what PYTHON names), how many faces are found, and
 * how near the eyes are to the set's own. Writes docs/proofs/mtcnn.md: numbers only.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from '../../runtime/data/decode.js';
import { generateFaces } from '../../runtime/data/faces/generate.js';
import { faceHeight, faceWidth } from '../../runtime/data/faces/render.js';
import { listFolder } from '../../runtime/data/folder.js';
import { detect, type Face } from '../../runtime/detection/detect.js';
import { Networks } from '../../runtime/detection/networks.js';
import { placeOfWeights } from '../../runtime/detection/places.js';
import { resample, type Picture } from '../../runtime/detection/resample.js';
import { readWeights } from '../../runtime/detection/weights.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { thisMachine } from './machine.js';
import { eyeOffsets, pupilsIn } from './mtcnn/pupils.js';

const folder = process.argv[2];
const place = placeOfWeights(process.env['ED2LC_CACHE'] ?? join(homedir(), '.cache', 'ed2lc'));
if (folder === undefined || place === undefined) {
  process.stderr.write(
    'usage: npm run prove:mtcnn FOLDER, with the weights installed or named by ED2LC_MTCNN\n',
  );
  process.exit(2);
}
const COMPARED = 20;
/** On a machine with more to do than cores, times say little. */
const [busy = 0] = loadavg();
const engine = await openEngine();
const networks = new Networks(engine, await readWeights(place));

/** Of a photograph, what each network looks at, and its answers here. */
interface Case {
  readonly net: 'pnet' | 'rnet' | 'onet';
  readonly shape: readonly [count: number, height: number, width: number, channels: 3];
  readonly pixels: Float32Array;
  /** Probabilities, offsets and landmarks side by side. */
  readonly rows: Float32Array;
}
const cases: Case[] = [];
function keep(net: Case['net'], shape: Case['shape'], pixels: Float32Array): void {
  const [count, height, width] = shape;
  const found = net === 'pnet' ? networks.scan(pixels, height, width) : networks.judge(net, pixels, count);
  const size = net === 'onet' ? 15 : 5;
  const rows = new Float32Array(found.count * size);
  for (let i = 0; i < found.count; i++) {
    rows[i * size] = found.scores[i]!;
    rows.set(found.offsets.subarray(4 * i, 4 * i + 4), i * size + 1);
    if (size > 5) rows.set(found.landmarks.subarray(10 * i, 10 * i + 10), i * size + 5);
  }
  cases.push({ net, shape, pixels, rows });
}

/** The whole photograph at two sizes, one with uneven sides; windows around the face, moved and sized. */
function compareOn(picture: Picture, face: Face): void {
  const scaled = (
    height: number,
    width: number,
    region = { left: 0, top: 0, right: picture.width, bottom: picture.height },
  ): Float32Array => {
    const pixels = new Float32Array(height * width * 3);
    resample(picture, region, { height, width }, 'black', pixels);
    return pixels.map((value) => (value - 127.5) / 128);
  };
  for (const [height, width] of [
    [96, 96],
    [61, 75],
  ] as const)
    keep('pnet', [1, height, width, 3], scaled(height, width));
  const size = face.right - face.left;
  const windows = [-0.3, 0, 0.2].flatMap((shift) =>
    [0.6, 1, 1.4].map((scale) => {
      const [x, y] = [
        (face.left + face.right) / 2 + shift * size,
        (face.top + face.bottom) / 2 - shift * size,
      ];
      const half = (scale * size) / 2;
      return { left: x - half, top: y - half, right: x + half, bottom: y + half };
    }),
  );
  for (const [net, side] of [
    ['rnet', 24],
    ['onet', 48],
  ] as const) {
    const all = new Float32Array(windows.length * side * side * 3);
    windows.forEach((region, i) => all.set(scaled(side, side, region), i * side * side * 3));
    keep(net, [windows.length, side, side, 3], all);
  }
}

const pupils = pupilsIn(folder);
const { entries } = await listFolder(folder, 'class', '.');
const errors: number[] = [];
const bias = [0, 0];
let found = 0;
let several = 0;
let seconds = 0;
for (const [n, entry] of entries.entries()) {
  const picture = await decode(entry.image, { resize: null, color: 'rgb' });
  const started = performance.now();
  const faces = detect(networks, picture);
  // The first prepares kernels.
  if (n > 0) seconds += (performance.now() - started) / 1000;
  const [face] = faces;
  if (!face) continue;
  found++;
  if (faces.length > 1) several++;
  if (n % Math.floor(entries.length / COMPARED) === 0 && cases.length < 4 * COMPARED)
    compareOn(picture, face);
  for (const [dx, dy] of eyeOffsets(pupils, entry.id, face)) {
    errors.push(Math.hypot(dx, dy));
    bias[0]! += dx;
    bias[1]! += dy;
  }
}

const temporary = mkdtempSync(join(tmpdir(), 'ed2l-mtcnn-'));
cases.forEach(({ net, shape, pixels }, i) => {
  writeFileSync(join(temporary, `${i}.json`), JSON.stringify({ net, shape }));
  writeFileSync(join(temporary, `${i}.f32`), pixels);
});
const python = spawnSync(
  process.env['PYTHON'] ?? 'python3',
  ['test/proofs/mtcnn/forward.py', place, temporary],
  { encoding: 'utf8' },
);
if (python.status !== 0) throw new Error(`numpy's forward failed: ${python.stderr}`);
const worst = { pnet: 0, rnet: 0, onet: 0 };
const windows = { pnet: 0, rnet: 0, onet: 0 };
cases.forEach(({ net, rows }, i) => {
  const bytes = readFileSync(join(temporary, `${i}.out`));
  const raw = new Float32Array(Uint8Array.from(bytes).buffer);
  const width = net === 'onet' ? 16 : 6;
  const count = raw.length / width;
  if (count * (width - 1) !== rows.length) throw new Error(`${net}: ${count} windows there, others here`);
  windows[net] += count;
  for (let r = 0; r < count; r++) {
    const own = raw.subarray(r * width, (r + 1) * width);
    const expected = [1 / (1 + Math.exp(own[0]! - own[1]!)), ...own.subarray(2)];
    expected.forEach((value, k) => {
      worst[net] = Math.max(worst[net], Math.abs(value - rows[r * (width - 1) + k]!));
    });
  }
});
rmSync(temporary, { recursive: true });

const drawn: string[] = [];
for (const preset of ['easy', 'medium', 'hard'] as const) {
  const { pixels, truth } = await generateFaces({
    seed: 1,
    people: 10,
    preset,
    expressions: ['anger', 'happiness', 'surprise'],
  });
  const size = faceHeight * faceWidth;
  const of = (enlarge: number): number =>
    truth.filter((_, i) => {
      const gray = pixels.subarray(i * size, (i + 1) * size);
      const rgb = Uint8Array.from({ length: 3 * size }, (__, k) => gray[Math.floor(k / 3)]!);
      const [height, width] = [faceHeight * enlarge, faceWidth * enlarge];
      const large = new Float32Array(height * width * 3);
      resample(
        { height: faceHeight, width: faceWidth, pixels: rgb },
        { left: 0, top: 0, right: faceWidth, bottom: faceHeight },
        { height, width },
        'nothing',
        large,
      );
      return detect(networks, { height, width, pixels: large }).length > 0;
    }).length;
  drawn.push(`| ${preset} | ${of(1)} of ${truth.length} | ${of(2)} of ${truth.length} |`);
}

const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const sorted = errors.toSorted((a, b) => a - b);
const verdict = (met: boolean): string => (met ? 'met' : 'MISSED');
const nets = (['pnet', 'rnet', 'onet'] as const).map(
  (net) => `| ${net} | ${windows[net]} | ${worst[net].toExponential(1)} |`,
);
const text = `# MTCNN

\`npm run prove:mtcnn FOLDER\` with the published weights, on the Face Research Lab London Set (DeBruine and Jones 2017, CC BY 4.0, doi
10.6084/m9.figshare.5047666.v5) at 450 pixels. No photograph, and no number of a single person, is kept.

${thisMachine()}; ${engine.name} (${engine.about}); ${busy.toFixed(1)} other processes were running on average.

## The networks against numpy

${COMPARED} photographs: each whole at two sizes, and nine windows around its face. The largest difference of a probability, an offset or a
landmark from a forward in Python, float64, which shares nothing but the files of weights (test/proofs/mtcnn/forward.py). Wanted: below 1e-3,
${verdict(Math.max(...Object.values(worst)) < 1e-3)}.

| network | windows | largest difference |
|---|---|---|
${nets.join('\n')}

## Photographs

| | | wanted | |
|---|---|---|---|
| faces found | ${found} of ${entries.length} photographs | all | ${verdict(found === entries.length)} |
| eyes, mean distance from the set's pupils, in distances between the pupils | ${percent(mean(errors))} of ${errors.length} eyes | below 5 % | ${verdict(mean(errors) < 0.05)} |
| the same, median; 95 of 100; largest | ${[0.5, 0.95, 1].map((q) => percent(sorted[Math.ceil(q * sorted.length) - 1]!)).join('; ')} | | |
| to the right, and down, on average | ${bias.map((sum) => percent(sum / errors.length)).join(', ')} | | |
| several faces found | ${several} of ${entries.length} photographs | | |
| detection | ${((1000 * seconds) / (entries.length - 1)).toFixed(0)} ms per photograph | | |

## Drawn faces

Synthetic faces of 128 by 110, 10 people, as they are drawn and enlarged twice (\`upscale: 2\`). MTCNN never learned from drawings.

| preset | found | found enlarged |
|---|---|---|
${drawn.join('\n')}
`;
networks.close();
engine.close();
writeFileSync('docs/proofs/mtcnn.md', text);
process.stdout.write(text);
if (text.includes('MISSED')) process.exitCode = 1;
