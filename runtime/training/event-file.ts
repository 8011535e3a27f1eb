/**
 * @file Event files as TensorBoard reads them: records of TFRecord framing, each a protobuf message `Event`.
 * The few fields that scalars need are encoded here by hand.
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Files of one process in one second must differ. */
let opened = 0;

export class EventFile {
  readonly path: string;
  readonly #file: number;

  /**
   * A new file in `folder`, which is made. `from`: the first step that will be written; TensorBoard forgets what earlier files of
   * the folder hold from that step on. Throws the file system's error, as all methods do.
   */
  constructor(folder: string, from: number) {
    mkdirSync(folder, { recursive: true });
    const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, '0');
    // TensorBoard reads the files of a folder in the order of their names.
    const name = ['events.out.tfevents', seconds, hostname(), process.pid, opened++].join('.');
    this.path = join(folder, name);
    this.#file = openSync(this.path, 'wx');
    this.#write(event(0, bytesField(FIELD.fileVersion, Buffer.from('brain.Event:2'))));
    this.#write(event(from, bytesField(FIELD.sessionLog, varintField(1, SESSION_START))));
  }

  /** One number per tag. */
  scalars(step: number, values: Readonly<Record<string, number>>): void {
    const entries = Object.entries(values).map(([tag, value]) =>
      bytesField(1, Buffer.concat([bytesField(1, Buffer.from(tag)), floatField(2, value)])),
    );
    this.#write(event(step, bytesField(FIELD.summary, Buffer.concat(entries))));
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(message: Buffer): void {
    const record = framed(message);
    if (writeSync(this.#file, record) < record.length) throw new Error('the disk took a part only');
  }
}

/** Of `Event`; its first two are wall time and step. */
const FIELD = { fileVersion: 3, summary: 5, sessionLog: 7 } as const;
const SESSION_START = 1;

const event = (step: number, what: Buffer): Buffer =>
  Buffer.concat([doubleField(1, Date.now() / 1000), varintField(2, step), what]);

/** Length, its checksum, the message, its checksum; little endian. */
export function framed(message: Buffer): Buffer {
  const record = Buffer.alloc(12 + message.length + 4);
  record.writeBigUInt64LE(BigInt(message.length), 0);
  record.writeUInt32LE(masked(crc32c(record.subarray(0, 8))), 8);
  message.copy(record, 12);
  record.writeUInt32LE(masked(crc32c(message)), 12 + message.length);
  return record;
}

/** Checksums of data that holds checksums are weak, so they are stored rotated and shifted. */
const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;

const POLYNOMIAL = 0x82f63b78;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
  return crc;
});

/** CRC-32C (Castagnoli), as of RFC 3720. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff]!;
  return (crc ^ 0xffffffff) >>> 0;
}

const WIRE = { varint: 0, double: 1, bytes: 2, float: 5 } as const;

const key = (field: number, wire: number): Buffer => Buffer.of((field << 3) | wire);

/** `n`: a whole number of at least 0, below 2^53. */
function varint(n: number): Buffer {
  const bytes = [];
  for (; n >= 128; n = Math.floor(n / 128)) bytes.push((n % 128) | 128);
  return Buffer.of(...bytes, n);
}

const varintField = (field: number, n: number): Buffer => Buffer.concat([key(field, WIRE.varint), varint(n)]);

const bytesField = (field: number, bytes: Buffer): Buffer =>
  Buffer.concat([key(field, WIRE.bytes), varint(bytes.length), bytes]);

function doubleField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([key(field, WIRE.double), bytes]);
}

function floatField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(field, WIRE.float), bytes]);
}
