/** @file Where the five points of an aligned face go. */
import type { AlignIR } from '../../../compiler/model/experiment.js';
import type { FivePoints } from '../../detection/detect.js';

/** SphereFace's, of 112 by 96 (Liu et al. 2017, face_align_demo.m): x and y, from 1 as MATLAB counts. */
const SPHEREFACE = [
  [30.2946, 51.6963],
  [65.5318, 51.5014],
  [48.0252, 71.7366],
  [33.5493, 92.3655],
  [62.7299, 92.2041],
] as const;
const [HEIGHT, WIDTH] = [112, 96];

/** From 0, the centre of the first pixel. `padded`: at SphereFace's size in the middle, an odd rest below and to the right, as `crops center` cuts it. */
export function templatePoints({ height, width, template }: AlignIR): FivePoints {
  const at =
    template === 'scaled'
      ? ([x, y]: readonly [number, number]) => [(x * width) / WIDTH - 1, (y * height) / HEIGHT - 1]
      : ([x, y]: readonly [number, number]) => [
          x - 1 + Math.floor((width - WIDTH) / 2),
          y - 1 + Math.floor((height - HEIGHT) / 2),
        ];
  return SPHEREFACE.map(at) as unknown as FivePoints;
}
