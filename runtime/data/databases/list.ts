/** @file The sources that are published databases, each with its reader. */
import { NEUTRAL } from '../../../compiler/model/databases.js';
import type { DataIR } from '../../../compiler/model/experiment.js';
import type { Listing } from '../listing.js';
import { listBu3dfe } from './bu-3dfe.js';
import { listCkPlus } from './ck-plus.js';
import { listMmi } from './mmi.js';
import { listOuluCasia } from './oulu-casia.js';

export type DatabaseSource = Extract<
  DataIR['source'],
  { kind: 'ck_plus' | 'mmi' | 'bu_3dfe' | 'oulu_casia' }
>;

/** @throws DataError */
export function listDatabase(
  source: DatabaseSource,
  classes: DataIR['classes'],
  baseDir: string,
): Promise<Listing> {
  const neutral = classes?.includes(NEUTRAL) ?? false;
  switch (source.kind) {
    case 'ck_plus':
      return listCkPlus(source.path, baseDir, neutral);
    case 'bu_3dfe':
      return listBu3dfe(source.path, baseDir, neutral);
    case 'oulu_casia':
      return listOuluCasia(source, baseDir, neutral);
    case 'mmi':
      return listMmi(source, baseDir, neutral);
  }
}
