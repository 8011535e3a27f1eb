/** @file Who takes part: how each participant is started here, and what is missing where one cannot be. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from './process.js';

export interface Settings {
  readonly engine: string;
  readonly threads: number;
  /** Of PyTorch's environment. */
  readonly python: string;
}

export interface Entry {
  readonly name: string;
  /** For tables. */
  readonly label: string;
  command(folder: string, settings: Settings): Command;
  /** The command that installs what is missing here. */
  readonly install: string;
  /** Whether it is measured beside a busy process too. */
  readonly contended?: boolean;
  readonly missing?: (settings: Settings) => string | undefined;
}

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Where bench/peers/torch/setup.sh puts it. */
export const PYTHON = join(
  process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
  'ed2lc/bench/torch/bin/python',
);

const node = (name: string, label: string): Entry => ({
  name,
  label,
  install: 'npm ci',
  command: (folder, { engine, threads }) => ({
    file: process.execPath,
    args: [at('worker.js'), name, folder, engine, String(threads)],
  }),
});

const torch = (mode: 'eager' | 'compiled', form: 'nchw' | 'channels_last'): Entry => ({
  name: `torch-${mode}-${form}`,
  label: `PyTorch ${mode === 'eager' ? 'eager' : '`torch.compile`'}, ${form === 'nchw' ? 'NCHW' : 'channels last'}`,
  install: 'bash bench/peers/torch/setup.sh',
  contended: true,
  missing: ({ python }) => (existsSync(python) ? undefined : `there is no ${python}`),
  command: (folder, { python, threads }) => ({
    file: python,
    args: [at('../../bench/peers/torch/peer.py'), folder, mode, form, String(threads)],
    env: { OMP_NUM_THREADS: String(threads) },
  }),
});

export const OURS = node('compiled', 'ed2lc');

/** PyTorch's two memory formats come first: they say how far apart correct implementations are. */
export const REFERENCES: readonly Entry[] = [torch('eager', 'nchw'), torch('eager', 'channels_last')];

export const PEERS: readonly Entry[] = [
  ...REFERENCES,
  torch('compiled', 'nchw'),
  torch('compiled', 'channels_last'),
  node('tfjs-layers', 'tfjs by hand, layers'),
  node('tfjs-core', 'tfjs by hand, core operations'),
  node('pruned', 'ed2lc, one pruned backward pass per loss'),
];
