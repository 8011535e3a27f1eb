/** @file An image to an aligned one: its five points brought to those of the template, or, without a face, what is cut in its stead. */
import type { AlignIR } from '../../../compiler/model/experiment.js';
import type { FivePoints, Point } from '../../detection/detect.js';
import { resample, type Picture, type Region } from '../../detection/resample.js';
import { ImageError } from '../decode.js';
import { fitSimilarity, type Similarity } from './similarity.js';
import { templatePoints } from './template.js';
import { warp } from './warp.js';

/** Above so many pixels per pixel of the result the image is made smaller first. */
const COARSE = 4;

/** [height, width, 3] of the size that `align` names. @throws ImageError for points that are no face of this image. */
export function alignFace(picture: Picture, points: FivePoints, align: AlignIR): Uint8Array {
  const { height, width } = align;
  checkPoints(points, picture);
  const to = fitSimilarity(points, templatePoints(align));
  const scale = to ? 1 / Math.hypot(...to.c) : Infinity;
  if (!to || scale > Math.max(picture.height, picture.width))
    throw new ImageError('its landmarks are no face: they lie in one place');
  const factor = scale > COARSE ? Math.floor(scale / 2) : 1;
  return warp(shrunk(picture, factor), onShrunk(to, factor), height, width);
}

/** A detector and a database may place a point a little outside, never far. */
function checkPoints(points: FivePoints, { height, width }: Picture): void {
  const far = ([x, y]: Point): boolean => !(x > -width && x < 2 * width && y > -height && y < 2 * height);
  const wrong = points.find(far);
  if (wrong)
    throw new ImageError(
      `its landmarks lie outside: (${wrong.map((x) => Number(x.toPrecision(6))).join(', ')}) in an image ${width} wide and ${height} high`,
    );
}

/** All of it, or the largest part of that shape in its middle. */
export function withoutFace(
  picture: Picture,
  { height, width }: AlignIR,
  how: 'resize' | 'center',
): Uint8Array {
  const size = { height, width };
  const scaled = new Float32Array(height * width * 3);
  resample(picture, how === 'resize' ? whole(picture) : middle(picture, size), size, 'nothing', scaled);
  return Uint8Array.from(scaled, Math.round);
}

const whole = ({ height, width }: Picture): Region => ({ left: 0, top: 0, right: width, bottom: height });

function middle(picture: Picture, size: { readonly height: number; readonly width: number }): Region {
  const scale = Math.min(picture.height / size.height, picture.width / size.width);
  const [x, y] = [(size.width * scale) / 2, (size.height * scale) / 2];
  return {
    left: picture.width / 2 - x,
    top: picture.height / 2 - y,
    right: picture.width / 2 + x,
    bottom: picture.height / 2 + y,
  };
}

function shrunk(picture: Picture, factor: number): Picture {
  if (factor === 1) return picture;
  const height = Math.ceil(picture.height / factor);
  const width = Math.ceil(picture.width / factor);
  const pixels = new Float32Array(height * width * 3);
  const region = { left: 0, top: 0, right: width * factor, bottom: height * factor };
  resample(picture, region, { height, width }, 'nothing', pixels);
  return { height, width, pixels };
}

/** The same from the smaller image, whose pixel z has its centre at factor z + (factor - 1) / 2 (1 + i). */
function onShrunk({ c, d }: Similarity, factor: number): Similarity {
  const centre = (factor - 1) / 2;
  return {
    c: [c[0] * factor, c[1] * factor],
    d: [d[0] + centre * (c[0] - c[1]), d[1] + centre * (c[0] + c[1])],
  };
}
