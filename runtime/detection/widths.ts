/** @file The three networks of MTCNN (Zhang et al. 2016) as sizes: what each layer is called in a weights manifest, and the shape of its numbers. */

/** Channels of each layer; the published ones, or fewer for tests. */
export interface Widths {
  readonly pnet: readonly [number, number, number];
  readonly rnet: readonly [number, number, number, number];
  readonly onet: readonly [number, number, number, number, number];
}

export const PUBLISHED: Widths = {
  pnet: [10, 16, 32],
  rnet: [28, 48, 64, 128],
  onet: [32, 64, 64, 128, 256],
};

export type NetName = keyof Widths;

export interface LayerShape {
  readonly kind: 'conv' | 'dense';
  /** In the manifest: `pnet/conv1`. */
  readonly name: string;
  /** Of the weights: [rows, columns, in, out], or [in, out]; the bias has the last of them. */
  readonly shape: readonly number[];
  /** The name of the slopes of the rectifier behind it; a head has none. */
  readonly slopes?: string;
}

/** Sides of the convolutions, in order. */
const KERNELS: Readonly<Record<NetName, readonly number[]>> = {
  pnet: [3, 3, 3],
  rnet: [3, 3, 2],
  onet: [3, 3, 3, 2],
};
/** What the convolutions of the latter two leave of an image: 3 by 3. */
const LEFT = 3;
/** Logits of face and no face, offsets of the box, places of the landmarks. */
const HEADS: Readonly<Record<NetName, readonly number[]>> = { pnet: [2, 4], rnet: [2, 4], onet: [2, 4, 10] };

/** The layers of a network in order; its heads, which all read the last of the others, come last. */
export function layersOf(net: NetName, widths: Widths): { body: LayerShape[]; heads: LayerShape[] } {
  const channels: readonly number[] = widths[net];
  const kernels = KERNELS[net];
  const body = kernels.map((side, i): LayerShape => ({
    kind: 'conv',
    name: `${net}/conv${i + 1}`,
    shape: [side, side, i === 0 ? 3 : channels[i - 1]!, channels[i]!],
    slopes: `${net}/prelu${i + 1}_alpha`,
  }));
  const last = channels[kernels.length - 1]!;
  const convolutional = net === 'pnet';
  if (!convolutional)
    body.push({
      kind: 'dense',
      name: `${net}/fc1`,
      shape: [LEFT * LEFT * last, channels.at(-1)!],
      slopes: `${net}/prelu${kernels.length + 1}_alpha`,
    });
  const heads = HEADS[net].map((outputs, i): LayerShape => ({
    kind: convolutional ? 'conv' : 'dense',
    name: `${net}/${convolutional ? 'conv4' : 'fc2'}_${i + 1}`,
    shape: [...(convolutional ? [1, 1] : []), channels.at(-1)!, outputs],
  }));
  return { body, heads };
}

/** Every tensor of a manifest by name, with its shape. */
export function tensorsOf(widths: Widths): Map<string, readonly number[]> {
  const found = new Map<string, readonly number[]>();
  for (const net of ['pnet', 'rnet', 'onet'] as const) {
    const { body, heads } = layersOf(net, widths);
    for (const { name, shape, slopes } of [...body, ...heads]) {
      found.set(`${name}/weights`, shape);
      found.set(`${name}/bias`, shape.slice(-1));
      if (slopes !== undefined) found.set(slopes, shape.slice(-1));
    }
  }
  return found;
}
