/** @file What every source lists before anything is decoded: images with their class, person and sequence. */
import type { Dropped, Field } from './dataset.js';

export type ListedImage =
  | {
      readonly kind: 'file';
      readonly file: string;
      readonly size: number;
      /** Milliseconds. */
      readonly modified: number;
      /** Taken by a camera on its side: a quarter turn clockwise, unless it is higher than wide. */
      readonly lying?: boolean;
    }
  | {
      readonly kind: 'pixels';
      readonly height: number;
      readonly width: number;
      /** Gray, 0…255. */
      readonly pixels: Uint8Array;
    };

/** Where a source says that the face is, for `align landmarks(…)`; in pixels of the image, the centre of the first at (0, 0). */
export type ListedLandmarks =
  | {
      readonly kind: 'points';
      /** Five (eye, eye, nose, mouth corner, mouth corner, each pair from left to right in the image) or the 68 of iBUG. */
      readonly points: readonly (readonly [x: number, y: number])[];
    }
  | {
      /** A text with a line `x y` for each point. */
      readonly kind: 'file';
      readonly file: string;
      readonly size: number;
      /** Milliseconds. */
      readonly modified: number;
    };

export interface Entry {
  /** Unique; of a file, its path relative to the folder, with `/`. */
  readonly id: string;
  /** How a message names it: the id, and its line in a manifest. */
  readonly place: string;
  readonly class: string;
  readonly subject: string;
  readonly sequence: string;
  /** Its number within the sequence, where the source tells. */
  readonly frame: number | null;
  /** Its place in the values of the fields. */
  readonly row: number;
  readonly image: ListedImage;
  /** Absent: the source has none for this image. */
  readonly landmarks?: ListedLandmarks;
}

export interface Listing {
  /** The folder or file. */
  readonly place: string;
  /** Every class there are images of, in natural order, or those of the source's table. */
  readonly classes: readonly string[];
  readonly entries: readonly Entry[];
  /** By row. */
  readonly fields: readonly Field[];
  readonly otherColumns: readonly { readonly name: string; readonly why: string }[];
  readonly dropped: readonly Dropped[];
  /** What is not as the database has it, and costs no image. */
  readonly remarks?: readonly Dropped[];
}

/** What an entry contributes to the key under which its prepared image is cached. */
export const recipeOf = ({ id, class: name, subject, sequence, frame, image, landmarks }: Entry): unknown => [
  id,
  name,
  subject,
  sequence,
  frame,
  ...(image.kind === 'file' ? [image.size, image.modified, ...(image.lying ? ['lying'] : [])] : []),
  ...(landmarks ? [landmarks] : []),
];

/** Counts what is left out, by reason. */
export class Drops {
  readonly #items = new Map<string, { damaged: boolean; items: string[] }>();

  add(reason: string, item: string, damaged = false): void {
    const known = this.#items.get(reason);
    if (known) known.items.push(item);
    else this.#items.set(reason, { damaged, items: [item] });
  }

  list(): Dropped[] {
    return [...this.#items].map(([reason, { damaged, items }]) => ({
      reason,
      count: items.length,
      items,
      damaged,
    }));
  }
}
