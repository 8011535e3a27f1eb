/** @file The trained networks of a run as tfjs GraphModels: `TASK/inference/model.json`, for plain tfjs to load. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ExportError } from '../../compiler/export/writer.js';
import type { ModelIR } from '../../compiler/model/ir.js';
import { compileEvaluation } from '../../compiler/program.js';
import { inferenceFiles } from '../artifacts/inference.js';
import type { Parameters } from '../parameters/initialise.js';
import { RunError } from './errors.js';

/** Returns why there is no such model, if so. Throws RunError when the disk refuses. */
export async function exportTrained(
  folder: string,
  model: ModelIR,
  parameters: Parameters,
): Promise<string | undefined> {
  let files: ReturnType<typeof inferenceFiles>;
  try {
    files = inferenceFiles({ model, evaluation: compileEvaluation(model) }, parameters);
  } catch (error) {
    if (error instanceof ExportError) return error.message;
    throw error;
  }
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    return undefined;
  } catch (error) {
    throw new RunError(`${folder} could not be written: ${(error as Error).message}`);
  }
}
