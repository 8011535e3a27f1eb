/** @file What a reader of a database gathers: images by sequence, what it leaves out, and what it only remarks on. */
import { DataError, withItems } from '../errors.js';
import { Drops, type Entry, type ListedImage, type ListedLandmarks, type Listing } from '../listing.js';

export interface Frame {
  /** Its path relative to the folder, with `/`. */
  readonly id: string;
  readonly frame: number;
  readonly image: ListedImage;
  readonly landmarks?: ListedLandmarks;
}

export class Collection {
  readonly drops = new Drops();
  readonly remarks = new Drops();
  readonly #entries: Entry[] = [];

  constructor(
    readonly place: string,
    readonly classes: readonly string[],
  ) {}

  /** Something that should be usable and is not: always told. */
  damaged(reason: string, item: string): void {
    this.drops.add(reason, item, true);
  }

  /** Frames of one sequence that show one class. */
  add(person: string, sequence: string, name: string, frames: readonly Frame[]): void {
    for (const { id, frame, image, landmarks } of frames)
      this.#entries.push({
        id,
        place: id,
        class: name,
        subject: person,
        sequence,
        frame,
        row: this.#entries.length,
        image,
        ...(landmarks && { landmarks }),
      });
  }

  /** @throws DataError if nothing was added. */
  listing(layout: string): Listing {
    const dropped = this.drops.list();
    if (this.#entries.length === 0)
      throw new DataError(
        withItems(
          `${this.place} holds no labelled images laid out as ${layout}`,
          dropped.map(({ reason, count, items }) => `${count} ${reason}: ${items[0]}`),
        ),
      );
    return {
      place: this.place,
      classes: this.classes,
      entries: this.#entries,
      fields: [],
      otherColumns: [],
      dropped,
      remarks: this.remarks.list(),
    };
  }
}
