/** @file All kinds of fuzz cases. */
import { images } from './images.js';
import type { Kind } from './kind.js';
import { caches, runDirectories } from './runs.js';
import { settings } from './settings.js';
import { damagedSpecs, madeSpecs } from './specs.js';
import { artifacts, experiments, graphs, models } from './stored.js';
import { fer2013, foldFiles, manifests } from './tables.js';
import { checkpoints, parameters } from './tensors.js';

export const KINDS: readonly Kind[] = [
  damagedSpecs,
  madeSpecs,
  settings,
  models,
  graphs,
  experiments,
  artifacts,
  parameters,
  checkpoints,
  runDirectories,
  caches,
  images,
  manifests,
  foldFiles,
  fer2013,
];
