/** @file What `ed2lc doctor` says of one thing. */

export interface Finding {
  readonly about: string;
  /** A problem keeps ed2lc from its work; a warning may. */
  readonly state: 'ok' | 'warning' | 'problem';
  /** One line. */
  readonly found: string;
  /** What to do: a command where one helps. */
  readonly remedy?: string;
}

export const ok = (about: string, found: string): Finding => ({ about, state: 'ok', found });
export const warning = (about: string, found: string, remedy: string): Finding => ({
  about,
  state: 'warning',
  found,
  remedy,
});
export const problem = (about: string, found: string, remedy: string): Finding => ({
  about,
  state: 'problem',
  found,
  remedy,
});

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `1.5 GiB`. */
export function size(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const number = bytes / 1024 ** power;
  return `${power === 0 || number >= 100 ? Math.round(number) : number.toFixed(1)} ${UNITS[power]}`;
}
