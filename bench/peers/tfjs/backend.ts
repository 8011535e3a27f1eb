/** @file Puts tfjs onto the backend that an engine of ours opened, and mends what tfjs lacks there to train at all. */
import * as tf from '@tensorflow/tfjs';
import type { Engine } from '../../../runtime/index.js';

/** After this, tfjs's operations run on the engine's backend. */
export async function useEngine(engine: Engine): Promise<void> {
  const { name } = engine;
  const { backend } = engine.backend;
  if (tf.engine().registry[name] !== backend) {
    // The wasm package registers one of its own, without threads.
    if (tf.findBackendFactory(name)) tf.removeBackend(name);
    tf.registerBackend(name, () => backend);
  }
  if (!(await tf.setBackend(name))) throw new Error(`tfjs refuses the backend ${name}`);
  if (!tf.getKernel('Conv2DBackpropFilter', name)) differentiateConvolutions();
}

/**
 * The wasm backend has no kernel for the gradient of a filter (tfjs issue 8474). It is a convolution of the input by the
 * gradient, with batch and channels exchanged and the stride as dilation.
 */
function differentiateConvolutions(): void {
  tf.unregisterGradient('Conv2D');
  tf.registerGradient({
    kernelName: 'Conv2D',
    inputsToSave: ['x', 'filter'],
    gradFunc: (dy, [x, filter], attrs) => {
      const { strides, pad } = attrs as unknown as { strides: [number, number]; pad: number };
      const [image, kernel, above] = [x as tf.Tensor4D, filter as tf.Tensor4D, dy as tf.Tensor4D];
      return {
        x: () => tf.conv2dTranspose(above, kernel, image.shape, strides, pad),
        filter: () => filterGradient(image, kernel, above, strides, pad),
      };
    },
  });
}

function filterGradient(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  dy: tf.Tensor4D,
  strides: [number, number],
  pad: number,
): tf.Tensor {
  const [height, width] = filter.shape;
  const wide = tf.conv2d(
    tf.transpose(x, [3, 1, 2, 0]) as tf.Tensor4D,
    tf.transpose(dy, [1, 2, 0, 3]) as tf.Tensor4D,
    1,
    pad,
    'NHWC',
    strides,
  );
  // Where the stride leaves a last row or column out, there is one too many.
  const exact = tf.slice(wide, [0, 0, 0, 0], [-1, height, width, -1]);
  return tf.transpose(exact, [1, 2, 0, 3]);
}
