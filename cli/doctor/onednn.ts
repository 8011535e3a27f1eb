/** @file Whether the system has oneDNN, and the one command that provides it here. */
import { readFileSync } from 'node:fs';
import { ok, warning, type Finding } from './finding.js';

export async function onednn(): Promise<Finding> {
  const about = 'engine onednn';
  const { openEngine } = await import('../../runtime/engines/engine.js');
  const { PackageMissingError } = await import('../../runtime/engines/errors.js');
  try {
    const engine = await openEngine('onednn');
    const found = `${engine.about}, ${engine.threads} thread${engine.threads === 1 ? '' : 's'}`;
    engine.close();
    return ok(about, found);
  } catch (error) {
    const [reason, command] =
      error instanceof PackageMissingError
        ? [error.reason, error.command]
        : [(error as Error).message, commandFor(process.platform, systemName())];
    return warning(about, `${reason}; training on the CPU is several times slower without it`, command);
  }
}

/** `system`: the lines of /etc/os-release, where there is one. */
export function commandFor(platform: NodeJS.Platform, system: string): string {
  if (platform === 'darwin') return 'brew install onednn';
  if (platform === 'win32')
    return 'conda install -c conda-forge onednn, and set ED2LC_ONEDNN to the dnnl.dll';
  const ids = /^ID(?:_LIKE)?=.*$/gm;
  const names = (system.match(ids) ?? []).join(' ');
  if (/debian|ubuntu/.test(names))
    return /^VERSION_ID="?12/m.test(system)
      ? 'sudo apt-get install libdnnl2'
      : 'sudo apt-get install libdnnl-dev';
  if (/fedora|rhel|centos/.test(names)) return 'sudo dnf install onednn';
  if (/arch/.test(names)) return 'sudo pacman -S onednn';
  return `pip install onednn-cpu-gomp, and set ED2LC_ONEDNN to the folder with its libdnnl.so.3`;
}

function systemName(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}
