/** @file What is known of data sources before any file is opened: their class tables and fields. */
import type { DataIR } from './experiment.js';

/** Expressions of the synthetic faces, in index order. */
export const SYNTHETIC_CLASSES = [
  'anger',
  'contempt',
  'disgust',
  'fear',
  'happiness',
  'sadness',
  'surprise',
] as const;

/** FER2013 in the order of its own numbers, 0 to 6, by the names that the other sources give their classes. */
export const FER2013_CLASSES = [
  'anger',
  'disgust',
  'fear',
  'happiness',
  'sadness',
  'surprise',
  'neutral',
] as const;
/** How many images each of its parts has, as published. */
export const FER2013_IMAGES = { training: 28_709, public: 3_589, private: 3_589 } as const;
/** Those of its training part by class. */
export const FER2013_TRAINING: readonly number[] = [3995, 436, 4097, 7215, 4830, 3171, 4965];
/** Height and width of its images. */
export const FER2013_SIZE = [48, 48] as const;

/** FER+ in the order of its columns. */
export const FER_PLUS_CLASSES = [
  'neutral',
  'happiness',
  'surprise',
  'sadness',
  'anger',
  'disgust',
  'fear',
  'contempt',
] as const;
/** The field of FER+ in which inputs find the votes, in the order of the classes of the data block. */
export const VOTES = 'votes';
/** The fields of synthetic faces: azimuth of the light, glasses or none, yaw of the head. */
export const CIRCUMSTANCES = ['light', 'glasses', 'yaw'] as const;

/** Fields that the source is known to have; null: that is seen when it is opened. */
export function fieldsOf({ kind }: DataIR['source']): readonly string[] | null {
  switch (kind) {
    case 'manifest':
      return null;
    case 'synthetic_faces':
      return CIRCUMSTANCES;
    case 'fer_plus':
      return [VOTES];
    default:
      return [];
  }
}
