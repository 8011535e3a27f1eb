/**
 * @file From the model's value graph to the forward graph of one step or of evaluation.
 * Removes: mode-neutral `batch_norm` and `dropout`, and what the wanted outputs do not need.
 * Introduces: `batch_norm_train`, `batch_norm_apply`, `dropout_mask`. Values carry their declared names.
 * Afterwards holds: no `batch_norm` or `dropout` is left; a frozen group runs in its evaluation form.
 */
import type { Graph, Node, Output } from '../graph/graph.js';
import type { ModelIR, StageIR } from '../model/ir.js';
import { rewrite } from './rewrite.js';

/** `training`: batch statistics and dropout, except in the stage's frozen groups. */
export type Mode = { readonly kind: 'evaluation' } | { readonly kind: 'training'; readonly stage: StageIR };

export function specialise(model: ModelIR, outputs: readonly Output[], mode: Mode): Graph {
  const names = new Map(model.values.map(({ name, value }) => [value, name]));
  for (const { name, value } of model.losses) if (!names.has(value)) names.set(value, name);
  const frozen = new Set(mode.kind === 'training' ? mode.stage.frozen : []);
  const frozenStatistics = new Set(mode.kind === 'training' ? mode.stage.frozenStatistics : []);
  const evaluated = (node: Node): boolean => mode.kind === 'evaluation' || frozen.has(node.group ?? '');

  return rewrite(
    model.graph,
    (node, inputs, builder) => {
      const { op, attrs, origin, inputs: _, outputs: __, ...rest } = node;
      const name = names.get(node.outputs[0]!);
      const place = name === undefined ? rest : { ...rest, name };
      if (op === 'batch_norm') {
        const [x, gamma, beta, mean, variance] = inputs as [number, number, number, number, number];
        const epsilon = { epsilon: attrs['epsilon']! };
        const running =
          mode.kind === 'evaluation'
            ? attrs['evaluate'] !== 'batch'
            : evaluated(node) || frozenStatistics.has(node.group ?? '');
        return running
          ? [builder.emit('batch_norm_apply', [x, gamma, beta, mean, variance], epsilon, origin, place)]
          : [builder.emitAll('batch_norm_train', [x, gamma, beta], epsilon, origin, place)[0]!];
      }
      if (op === 'dropout') {
        if (evaluated(node)) return [inputs[0]!];
        const shape = builder.type(inputs[0]!).shape;
        const mask = builder.emit('dropout_mask', [], { ...attrs, shape }, origin, rest);
        return [builder.emit('mul', [inputs[0]!, mask], {}, origin, place)];
      }
      return builder.emitAll(op, inputs, attrs, origin, place);
    },
    outputs,
  );
}
