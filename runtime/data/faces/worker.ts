/** @file Entry of a thread that draws people of a synthetic set and posts each when done. */
import { parentPort, workerData } from 'node:worker_threads';
import { drawPerson, type TakeOrder } from './generate.js';

const { order, first, step } = workerData as { order: TakeOrder; first: number; step: number };
for (let person = first; person < order.takes.length; person += step) {
  const result = drawPerson(order, person);
  parentPort!.postMessage(result, [result.pixels.buffer]);
}
