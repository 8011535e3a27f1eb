/** @file Parameter files: laid out as the format says, read back to the bit, and refused when anything about them is not whole. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { carryOver } from '../../runtime/parameters/carry.js';
import { initialise, type Parameters, type Stored } from '../../runtime/parameters/initialise.js';
import { loadParameters, saveParameters } from '../../runtime/parameters/safetensors.js';
import { ParameterFileError } from '../../runtime/parameters/errors.js';
import { randomFrom } from '../support/random-graph.js';
import { trainable } from '../support/training.js';

const folder = await mkdtemp(join(tmpdir(), 'ed2l-'));
const file = join(folder, 'p.safetensors');

const { model } = trainable(`
  model m {
    input x : image[5, 5, 1]
    group g = conv(2, kernel: 3) |> batch_norm() |> flatten() |> dense(3)
    loss l = mean(g(x))
      updates g
    train { minimize l using sgd(rate: 0.1) batch 2 epochs 1 }
  }`);
const parameters = initialise(model, 1);

const bits = ({ data }: Stored): number[] => [...new Uint32Array(data.slice().buffer)];

test('what is saved is loaded: names, order, shapes and bits', async () => {
  const odd: Parameters = new Map<string, Stored>([
    ...parameters,
    ['scalar', { shape: [], data: Float32Array.of(-0) }],
    ['edge', { shape: [3], data: Float32Array.of(1e-45, -3.4028235e38, 0.1) }],
    ['part', { shape: [2], data: Float32Array.of(1, 2, 3, 4).subarray(1, 3) }],
  ]);
  await saveParameters(file, odd);
  const loaded = await loadParameters(file);
  assert.equal([...loaded.keys()], [...odd.keys()]);
  for (const [path, stored] of odd) {
    assert.equal(loaded.get(path)!.shape, stored.shape);
    assert.equal(bits(loaded.get(path)!), bits(stored));
  }
  assert.equal(await readdir(folder), ['p.safetensors'], 'nothing else is left behind');
});

test('the bytes are those of the format: length, header, little-endian numbers', async () => {
  await saveParameters(file, parameters);
  const bytes = await readFile(file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = Number(view.getBigUint64(0, true));
  assert.is((8 + length) % 8, 0, 'the data is aligned');
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  let end = 0;
  for (const [path, { shape, data }] of parameters) {
    const entry = header[path]!;
    assert.is(entry.dtype, 'F32');
    assert.equal(entry.shape, shape);
    assert.equal(entry.data_offsets, [end, end + 4 * data.length], 'no gaps');
    end = entry.data_offsets[1];
    data.forEach((x, i) =>
      assert.is(view.getFloat32(8 + length + entry.data_offsets[0] + 4 * i, true), x, `${path}[${i}]`),
    );
  }
  assert.is(bytes.length, 8 + length + end, 'and no rest');
});

const refused = async (bytes: Uint8Array): Promise<string> => {
  await writeFile(file, bytes);
  try {
    await loadParameters(file);
    return '';
  } catch (error) {
    assert.instance(error, ParameterFileError, `${(error as Error).stack}`);
    return (error as Error).message;
  }
};

test('a file cut anywhere is refused, and one with a bit turned is refused or still holds what was saved', async () => {
  await saveParameters(file, parameters);
  const whole = await readFile(file);
  for (let length = 0; length < whole.length; length += length < 700 ? 1 : 13)
    assert.match(await refused(whole.subarray(0, length)), file, `cut at ${length}`);
  assert.match(await refused(Buffer.concat([whole, Buffer.alloc(1)])), file, 'one byte too many');
  const random = randomFrom(2);
  const hash = whole.indexOf('sha256');
  for (let i = 0; i < 400; i++) {
    const at = i < 80 ? i : Math.floor(random() * whole.length);
    const bit = Math.floor(random() * 8);
    const turned = Buffer.from(whole);
    turned[at]! ^= 1 << bit;
    if ((await refused(turned)) !== '') continue;
    // Without its hash it is a file of another program.
    assert.ok(at >= hash && at < hash + 'sha256'.length, `bit ${bit} of byte ${at} is not noticed`);
    const loaded = await loadParameters(file);
    for (const [path, stored] of parameters)
      assert.equal(loaded.get(path), stored, `bit ${bit} of byte ${at}`);
  }
  assert.is(await refused(whole), '');
});

test('files of other programs are read: metadata, padding and their own order', async () => {
  const header = JSON.stringify({
    __metadata__: { format: 'pt' },
    b: { dtype: 'F32', shape: [2], data_offsets: [4, 12] },
    a: { dtype: 'F32', shape: [], data_offsets: [0, 4] },
  });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const data = Buffer.from(Float32Array.of(1, 2, 3).buffer);
  await writeFile(file, Buffer.concat([length, Buffer.from(header), data]));
  const loaded = await loadParameters(file);
  assert.equal([...loaded.get('a')!.data], [1]);
  assert.equal([...loaded.get('b')!.data], [2, 3]);
});

test('other element types, wild offsets and files that are not there are refused by name', async () => {
  const write = (header: object, bytes: number): Buffer => {
    const text = JSON.stringify(header);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([length, Buffer.from(text), Buffer.alloc(bytes)]);
  };
  const entry = (o: object): object => ({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...o } });
  assert.match(
    await refused(write(entry({ dtype: 'F16', data_offsets: [0, 4] }), 4)),
    'w has the type F16, not F32',
  );
  for (const wild of [
    { data_offsets: [-8, 0] },
    { data_offsets: [0, 16] },
    { data_offsets: [0.5, 8.5] },
    { shape: [-1, -2] },
    { shape: ['2'] },
    { shape: 2 },
    { data_offsets: null },
  ])
    assert.not.equal(await refused(write(entry(wild), 8)), '', JSON.stringify(wild));
  const place = (from: number): object => ({ dtype: 'F32', shape: [1], data_offsets: [from, from + 4] });
  assert.match(await refused(write({ a: place(4) }, 8)), 'a does not begin', 'a gap');
  assert.match(await refused(write({ a: place(0), b: place(0) }, 4)), 'b does not begin', 'an overlap');
  for (const text of ['[]', 'null', '3', '{"w": null}', '{"w": 1}']) {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    assert.not.equal(await refused(Buffer.concat([length, Buffer.from(text)])), '', text);
  }
  const missing = join(folder, 'none.safetensors');
  try {
    await loadParameters(missing);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ParameterFileError);
    assert.is((error as Error).message, `there is no file ${missing}`);
  }
});

test('a model takes over what fits by path and shape, in its own order, and ignores the rest', () => {
  const shuffled = new Map<string, Stored>([
    ['further', { shape: [1], data: Float32Array.of(1) }],
    ...[...parameters].reverse(),
  ]);
  const carried = carryOver(model, shuffled, 'p.safetensors');
  assert.equal([...carried.keys()], [...parameters.keys()]);
  for (const [path, stored] of parameters) assert.equal(carried.get(path), stored);
});

test('what is missing or of another shape is named, up to three of each', () => {
  const stored = new Map(parameters);
  stored.delete('g.dense.bias');
  stored.set('g.conv.kernel', { shape: [3, 3, 1, 4], data: new Float32Array(36) });
  assert.throws(
    () => carryOver(model, stored, 'p.safetensors'),
    (error: Error) =>
      error instanceof ParameterFileError &&
      error.message ===
        'p.safetensors does not fit the model m: it lacks g.dense.bias; ' +
          'g.conv.kernel is [3, 3, 1, 4] in the file and [3, 3, 1, 2] in the model',
  );
  assert.throws(
    () => carryOver(model, new Map(), 'p.safetensors'),
    /it lacks g\.conv\.kernel, g\.conv\.bias, g\.batch_norm\.gamma and \d+ more$/,
  );
});

test.after(() => rm(folder, { recursive: true, force: true }));

test.run();
