/** @file The weights with which `align mtcnn(…)` finds faces. */
import { DataError } from '../../runtime/data/errors.js';
import { placeOfWeights } from '../../runtime/detection/places.js';
import { readWeights } from '../../runtime/detection/weights.js';
import { ok, warning, type Finding } from './finding.js';

/** `cache`: the cache directory, if there is one. */
export async function weights(cache: string | null): Promise<Finding> {
  const about = 'faces';
  const place = placeOfWeights(cache);
  if (place === undefined)
    return ok(about, 'no weights of MTCNN; for `align mtcnn(…)`, ed2lc weights says where to get them');
  try {
    await readWeights(place);
    return ok(about, `the weights of MTCNN in ${place}`);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return warning(about, error.message, 'ed2lc weights');
  }
}
