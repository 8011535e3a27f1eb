/** @file Words as a shell takes them. */

/** A path, quoted where it has to be. */
export const inShell = (path: string): string =>
  /^[\w./@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
