/** @file Files and folders that a path being written can become. Folders end in a slash; what is hidden shows when its dot is written. */
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Files that are wanted, and folders on the way to them. */
export function filesAt(written: string, wanted: (name: string) => boolean): string[] {
  return entriesAt(written).filter((path) => path.endsWith('/') || wanted(path));
}

export const foldersAt = (written: string): string[] =>
  entriesAt(written).filter((path) => path.endsWith('/'));

/** Run directories in `runs`; elsewhere folders, which are runs or lead to them. */
export function runsAt(written: string): string[] {
  const usual = entriesAt('runs/')
    .filter((path) => path.endsWith('/') && existsSync(join(path, 'experiment.json')))
    .map((path) => path.slice(0, -1));
  const fitting = usual.filter((path) => path.startsWith(written));
  return fitting.length > 0 ? fitting : foldersAt(written);
}

function entriesAt(written: string): string[] {
  const end = written.lastIndexOf('/') + 1;
  const [folder, begun] = [written.slice(0, end), written.slice(end)];
  try {
    return readdirSync(folder.replace(/^~(?=\/)/, homedir()) || '.', { withFileTypes: true })
      .filter(({ name }) => name.startsWith(begun) && (begun.startsWith('.') || !name.startsWith('.')))
      .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`)
      .sort();
  } catch {
    return [];
  }
}
