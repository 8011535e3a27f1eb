/** @file Reads CSV files record by record, whatever their size (RFC 4180; UTF-8, any line ends, blanks around cells passed over). */
import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { parse, type CsvError } from 'csv-parse';
import { DataError } from './errors.js';

export interface CsvRecord {
  /** Of its first character, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** A row of FER2013 has 9,000; what is far longer is a quote that nobody closed. */
const LONGEST = 2 ** 20;

/**
 * The records of a file, the header among them; empty lines are passed over, and records may differ in length.
 * @throws DataError naming the line, where the text cannot be divided into cells with certainty.
 */
export async function* csvRecords(file: string): AsyncGenerator<CsvRecord> {
  const parser = parse({
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: LONGEST,
  });
  // The parser ends with the error of the text, and the text with that of the parser or of its reader.
  pipeline(Readable.from(textOf(file)), parser, () => undefined);
  let line = 1;
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      readonly record: readonly string[];
      readonly info: { readonly lines: number };
    }>) {
      const within = record.reduce((n, cell) => n + cell.split(/\r\n|\n|\r/).length - 1, 0);
      line = info.lines + 1;
      if (record.some((cell) => cell !== '')) yield { line: info.lines - within, cells: record };
    }
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`${file} ${explain(error as Error, line)}`);
  }
}

/** @param next the line after the last whole record. */
function explain(error: Error | CsvError, next: number): string {
  if (!('code' in error)) return `cannot be read: ${error.message}`;
  const { lines = next } = error as { readonly lines?: number };
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return `opens a quote in line ${next} or later that is never closed`;
    case 'CSV_MAX_RECORD_SIZE':
      return `has a row of over a million characters from line ${next} on: a quote is not closed`;
    case 'INVALID_OPENING_QUOTE':
      return `has a quote in the middle of a cell in line ${lines}: write the cell in quotes, and each quote in it twice`;
    case 'CSV_INVALID_CLOSING_QUOTE':
      return `goes on after a closing quote in line ${lines}: write each quote within a cell twice`;
    default:
      return `cannot be read: ${error.message}`;
  }
}

/** @throws DataError for bytes that are no text, naming the line. */
async function* textOf(file: string): AsyncGenerator<string> {
  // Leaves a byte order mark out.
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let lines = 1;
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
    } catch {
      throw new DataError(
        `${file} is not UTF-8 text (from line ${lines} on at the latest): save it as "CSV UTF-8"`,
      );
    }
  };
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 16 })) {
    const bytes = chunk as Buffer;
    const zero = bytes.indexOf(0);
    if (zero >= 0)
      throw new DataError(
        `${file} holds a zero byte in line ${lines + newlines(bytes.subarray(0, zero))}: it is damaged, or no text`,
      );
    yield decode(bytes);
    lines += newlines(bytes);
  }
  yield decode();
}

function newlines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}
