/** @file Which inputs the predictions of a model need: judging it needs no others. */
import type { InputIR, ModelIR } from './ir.js';

export function predictedFrom({ graph, inputs, predictions }: ModelIR): readonly InputIR[] {
  const needed = new Set(predictions.map((p) => p.value));
  for (const node of graph.nodes.toReversed())
    if (node.outputs.some((id) => needed.has(id))) for (const input of node.inputs) needed.add(input);
  return inputs.filter((input) => needed.has(input.value));
}
