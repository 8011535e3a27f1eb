/**
 * @file Writes what only routing needs in plain operations.
 * Removes: `seed`, `mix`, `mask`, `stop` and `stop_where`. Introduces: `constant`, `scalar`, `scale` and `select` in their place; a coefficient that stands for a sum is added up.
 * Afterwards holds: every operation is one that an engine can run or a target can rewrite.
 */
import type { GraphBuilder, NodePlace } from '../graph/builder.js';
import type { Attrs, Graph, Origin, ValueId } from '../graph/graph.js';
import { weighSamples } from '../ops/masks.js';
import type { Terms } from '../routing/terms.js';
import * as C from '../scalar/coefficient.js';
import type { Coefficient } from '../scalar/coefficient.js';
import { rewrite } from './rewrite.js';

/** `sums`: the run-time scalars that differentiation made for sums of coefficients. */
export function lowerCarriers(graph: Graph, sums: Terms['sums']): Graph {
  return rewrite(graph, (node, inputs, builder) => {
    const { op, attrs, origin, inputs: _, outputs: __, ...place } = node;
    const emitter: Emitter = { builder, origin, place };
    switch (op) {
      case 'stop':
        return inputs;
      case 'stop_where':
        return [inputs[0]!];
      case 'mask': {
        const emit = (to: string, operands: readonly ValueId[], given: Attrs = {}): ValueId =>
          builder.emit(to, operands, given, origin, place);
        return [weighSamples({ builder, emit }, inputs[0]!, inputs[1]!, 'mask')];
      }
      case 'seed':
        return [seedOf(emitter, attrs['by'] as Coefficient, sums)];
      case 'mix':
        return [scaled(emitter, inputs[0]!, attrs['by'] as Coefficient, sums)];
      default:
        return undefined;
    }
  });
}

interface Emitter {
  readonly builder: GraphBuilder;
  readonly origin: Origin;
  readonly place: NodePlace;
}

function seedOf(emitter: Emitter, by: Coefficient, sums: Terms['sums']): ValueId {
  return by.powers.some(([name]) => sums.has(name))
    ? scaled(emitter, numberOf(emitter, C.ONE), by, sums)
    : numberOf(emitter, by);
}

function numberOf({ builder, origin, place }: Emitter, by: Coefficient): ValueId {
  return C.isFixed(by)
    ? builder.emit('constant', [], { value: by }, origin, place)
    : builder.emit('scalar', [], { by }, origin, place);
}

function scaled(emitter: Emitter, value: ValueId, by: Coefficient, sums: Terms['sums']): ValueId {
  const { builder, origin, place } = emitter;
  const plain: Coefficient = { factor: by.factor, powers: by.powers.filter(([name]) => !sums.has(name)) };
  let result = C.isOne(plain) ? value : builder.emit('scale', [value], { by: plain }, origin, place);
  for (const [name, exponent] of by.powers) {
    const summands = sums.get(name);
    if (!summands) continue;
    const sum = summands
      .map((summand) => numberOf(emitter, summand))
      .reduce((a, b) => builder.emit('add', [a, b], {}, origin, place));
    for (let i = 0; i < exponent; i++) result = builder.emit('mul', [result, sum], {}, origin, place);
  }
  return result;
}
