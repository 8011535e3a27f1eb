/** @file Where a picture shows eyes, nose and mouth: what alignment and landmark files of synthetic faces rest on. */
import { eyeDistance } from './canvas.js';
import { centre, depth, type Truth } from './render.js';

export type FacePoint = readonly [x: number, y: number];

/** Of an average head, whose depth these points need only roughly. */
const HALF_WIDTH = 1.02;
const NOSE = 0.2;

/** Both eyes, the tip of the nose, both corners of the mouth, from left to right in the image: pixels from the centre of the first. */
export function facePoints({ geometry, shot }: Truth): readonly FacePoint[] {
  const { eyes, noseTip, mouth } = geometry;
  return [
    placed([eyes[0].x, 0], 0, shot),
    placed([eyes[1].x, 0], 0, shot),
    placed(noseTip, NOSE, shot),
    placed(mouth.left, 0, shot),
    placed(mouth.right, 0, shot),
  ];
}

/** A point of the face in the picture: the way back that `photograph` goes from pixels to the face. */
function placed([faceX, faceY]: FacePoint, above: number, { pose, place }: Truth['shot']): FacePoint {
  let [x, y] = [faceX, faceY];
  // What is turned depends on the depth at where it comes to lie.
  for (let i = 0; i < 3; i++) {
    const outward = (x * x) / (HALF_WIDTH * 1.14) ** 2 + (y - 0.2) * (y - 0.2) * 0.25;
    const z = depth(outward) + above - 0.75;
    x = (faceX + Math.tan(pose.yaw) * z) * Math.cos(pose.yaw);
    y = (faceY + Math.tan(pose.pitch) * z) * Math.cos(pose.pitch);
  }
  const scale = eyeDistance * place.scale;
  const [cos, sin] = [Math.cos(pose.roll), Math.sin(pose.roll)];
  return [
    scale * (x * cos - y * sin) + centre.x + place.x - 0.5,
    scale * (x * sin + y * cos) + centre.y + place.y - 0.5,
  ];
}
