/** @file What a database's layout is made of, before anything is drawn: the pictures to take, and the files they go to. */
import type { Take } from '../generate.js';
import type { Truth } from '../render.js';

export interface ImageFile {
  readonly path: string;
  /** Of its person, the place of the picture among the takes. */
  readonly take: readonly [person: number, take: number];
  readonly format: 'png' | 'jpeg' | 'bmp';
  /** In three channels, as from a camera whose white is warm. */
  readonly tinted?: boolean;
  /** Rows repeated at the lower edge. */
  readonly extraRows?: number;
  /** Lies on its left side. */
  readonly lying?: boolean;
  /** A mirror beside the face shows it again, in the same image. */
  readonly mirrored?: boolean;
  /** The part inside of such a margin. */
  readonly margin?: number;
}

export interface TextFile {
  readonly path: string;
  /** May need what is known when the pictures are drawn. */
  readonly text: string | ((pictures: Pictures) => string);
}

export interface Pictures {
  truth(person: number, take: number): Truth;
  /** 48 by 48. */
  small(person: number, take: number): Uint8Array;
}

export interface Layout {
  /** By person. */
  readonly takes: readonly (readonly Take[])[];
  readonly images: readonly ImageFile[];
  readonly texts: readonly TextFile[];
  /** Folders with nothing in them. */
  readonly empty: readonly string[];
}

/** Collects the takes of one person and says where each is. */
export class Takes {
  readonly all: Take[] = [];
  constructor(readonly person: number) {}

  add(expression: string, number: number, rise = 1): readonly [number, number] {
    this.all.push({ expression, number, rise });
    return [this.person, this.all.length - 1];
  }
}

/** What systems leave beside images; nobody is to read them. */
export const strays = (...folders: readonly string[]): TextFile[] =>
  folders.flatMap((folder) => [
    { path: `${folder}/.DS_Store`, text: '\0\0\0\u0001Bud1' },
    { path: `${folder}/Thumbs.db`, text: 'not an image' },
  ]);

/** How strongly frame i of n shows the expression: from rest to the peak, slower near it. */
export const rising = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => Math.sin((Math.PI / 2) * (i / (n - 1))));

/** From rest to the peak in the middle and back, a little lower on the way back. */
export const risingAndFalling = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => Math.sin((Math.PI * i) / (n - 1)) ** 0.6 * (2 * i > n - 1 ? 0.9 : 1));
