/** @file `ed2lc weights`: where the weights of MTCNN are to be had, what is wrong with those that are here, and how they come into the cache. */
import type { Command } from 'commander';
import { cacheDirectory } from '../cache-directory.js';
import type { Console } from '../console.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failures.js';

export function registerWeights(program: Command, console: Console): void {
  program
    .command('weights')
    .description('say where the weights that `align mtcnn(…)` needs are to be had; check and install them')
    .argument('[folder]', 'with the two files, which are checked and copied into the cache')
    .action(async (folder: string | undefined) => {
      const cache = cacheDirectory();
      if (folder === undefined) await tell(cache, console);
      else if (cache === null)
        throw new UsageError(
          'nothing is kept (ED2LC_CACHE=none), so there is no place to install weights in: set ED2LC_MTCNN to their folder',
        );
      else {
        const { installWeights } = await import('../../runtime/detection/places.js');
        console.out(`installed in ${await installWeights(folder, cache)}`);
      }
    });
}

/** Exits with 4 if there are none that can be used. */
async function tell(cache: string | null, console: Console): Promise<void> {
  const { PUBLISHED_FILES, WEIGHTS_URL, readWeights } = await import('../../runtime/detection/weights.js');
  const { placeOfWeights } = await import('../../runtime/detection/places.js');
  const { DataError } = await import('../../runtime/data/errors.js');
  const place = placeOfWeights(cache);
  if (place !== undefined) {
    try {
      const { hash } = await readWeights(place);
      return console.out(`the weights of MTCNN are in ${place}, and whole (${hash.slice(0, 12)})`);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      console.out(`the weights of MTCNN in ${place} cannot be used: ${error.message}\n`);
    }
  } else console.out('the weights of MTCNN are not here\n');
  process.exitCode = EXIT.data;
  console.out(`Fetch these two files into a folder, and give it to ed2lc weights FOLDER:
${PUBLISHED_FILES.map(({ name, bytes, sha256 }) => `  ${WEIGHTS_URL}${name}\n    ${bytes} bytes, SHA-256 ${sha256}`).join('\n')}
They belong to justadudewhohacks/face-api.js (MIT) and were trained on WIDER FACE and CelebA, whose own terms are for research.
ED2LC_MTCNN names a folder of other weights of the same shapes.`);
}
