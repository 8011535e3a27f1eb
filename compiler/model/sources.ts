/** @file The class tables of data sources whose classes are known before any file is opened. */

/** Expressions of the synthetic faces, in index order; neutral faces are read only where `classes` lists neutral. */
export const SYNTHETIC_CLASSES = [
  'anger',
  'contempt',
  'disgust',
  'fear',
  'happiness',
  'sadness',
  'surprise',
] as const;
export const SYNTHETIC_NEUTRAL = 'neutral';
