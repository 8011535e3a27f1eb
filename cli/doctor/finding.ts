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
