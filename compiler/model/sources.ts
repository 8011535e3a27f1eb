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
/** Height and width of its images. */
export const FER2013_SIZE = [48, 48] as const;
