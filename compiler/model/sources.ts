/** @file The class tables of data sources whose classes are known before any file is opened. */

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
