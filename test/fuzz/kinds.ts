/** @file All kinds of fuzz cases. */
import { images } from './images.js';
import type { Kind } from './kind.js';
import { damagedSpecs, madeSpecs } from './specs.js';
import { artifacts, experiments, graphs, models } from './stored.js';
import { fer2013, foldFiles, manifests } from './tables.js';
import { checkpoints, parameters } from './tensors.js';

export const KINDS: readonly Kind[] = [
  damagedSpecs,
  madeSpecs,
  models,
  graphs,
  experiments,
  artifacts,
  parameters,
  checkpoints,
  images,
  manifests,
  foldFiles,
  fer2013,
];
