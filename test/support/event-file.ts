/**
 * @file Reads TensorBoard's event files by their published formats: TFRecord framing, CRC-32C bit by bit, the wire format of
 * protobuf, and the field numbers of tensorflow/core/util/event.proto and framework/summary.proto.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Event {
  readonly wallTime: number;
  readonly step: number;
  readonly fileVersion?: string;
  /** 1: START. */
  readonly sessionStatus?: number;
  readonly scalars: Readonly<Record<string, number>>;
}

/** In the order in which TensorBoard reads the files of a folder. */
export const readEvents = (folder: string): Event[] =>
  readdirSync(folder)
    .filter((name) => name.includes('tfevents'))
    .sort()
    .flatMap((name) => records(readFileSync(join(folder, name))).map(eventOf));

/** What TensorBoard shows per tag: a START at a step takes back what came before it from that step on. */
export function curves(events: readonly Event[]): Record<string, [step: number, value: number][]> {
  const shown: Record<string, [number, number][]> = {};
  for (const { step, sessionStatus, scalars } of events) {
    if (sessionStatus === 1)
      for (const tag of Object.keys(shown)) shown[tag] = shown[tag]!.filter(([at]) => at < step);
    for (const [tag, value] of Object.entries(scalars)) (shown[tag] ??= []).push([step, value]);
  }
  return shown;
}

function records(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    const message = bytes.subarray(at + 12, at + 12 + length);
    const sums = [bytes.readUInt32LE(at + 8), bytes.readUInt32LE(at + 12 + length)];
    if (masked(bytes.subarray(at, at + 8)) !== sums[0] || masked(message) !== sums[1])
      throw new Error(`the record at byte ${at} is damaged`);
    found.push(message);
    at += 12 + length + 4;
  }
  return found;
}

function masked(bytes: Uint8Array): number {
  const crc = BigInt(bitwiseCrc32c(bytes));
  const rotated = ((crc >> 15n) | (crc << 17n)) & 0xffffffffn;
  return Number((rotated + 0xa282ead8n) & 0xffffffffn);
}

/** By the definition: polynomial 0x1EDC6F41, bits of each byte and of the result reflected, all ones before and after. */
export function bitwiseCrc32c(bytes: Uint8Array): number {
  let register = 0xffffffffn;
  for (const byte of bytes)
    for (let bit = 0n; bit < 8n; bit++) {
      const out = ((register >> 31n) & 1n) ^ ((BigInt(byte) >> bit) & 1n);
      register = ((register << 1n) & 0xffffffffn) ^ (out ? 0x1edc6f41n : 0n);
    }
  let reflected = 0n;
  for (let bit = 0n; bit < 32n; bit++) reflected |= ((register >> bit) & 1n) << (31n - bit);
  return Number(reflected ^ 0xffffffffn);
}

type Field = readonly [number: number, value: number | Buffer];

function fields(message: Buffer): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = message[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  const take = (n: number): Buffer => message.subarray(at, (at += n));
  const readers: Record<number, () => number | Buffer> = {
    0: varint,
    1: () => take(8),
    2: () => take(varint()),
    5: () => take(4),
  };
  while (at < message.length) {
    const key = varint();
    const value = readers[key & 7]!();
    found.push([key >> 3, value]);
  }
  return found;
}

function eventOf(message: Buffer): Event {
  const found = new Map(fields(message));
  const part = (number: number): Buffer => found.get(number) as Buffer;
  const status = found.has(7) ? (new Map(fields(part(7))).get(1) as number) : undefined;
  return {
    wallTime: part(1).readDoubleLE(0),
    step: found.get(2) as number,
    ...(found.has(3) && { fileVersion: part(3).toString('utf8') }),
    ...(status !== undefined && { sessionStatus: status }),
    scalars: found.has(5)
      ? Object.fromEntries(fields(part(5)).map(([, value]) => scalarOf(value as Buffer)))
      : {},
  };
}

function scalarOf(message: Buffer): [tag: string, value: number] {
  const found = new Map(fields(message));
  return [(found.get(1) as Buffer).toString('utf8'), (found.get(2) as Buffer).readFloatLE(0)];
}
