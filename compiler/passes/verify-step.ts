/** @file Checks finished graphs against their model: what they read is declared, and what they change is what the routes say. */
import { formatType, type Graph, type Type } from '../graph/graph.js';
import type { GroupIR, ModelIR, StageIR, StepIR } from '../model/ir.js';
import { updatedGroups } from './objective.js';
import { slotsOf } from './update.js';

/** Violations of a training graph in plain words. */
export function verifyStep(graph: Graph, model: ModelIR, stage: StageIR, step: StepIR): string[] {
  const updated = updatedGroups(model, stage, step);
  const own = model.groups.filter((g) => updated.has(g.name));
  const slots = step.optimizers.flatMap((optimizer) =>
    own
      .filter((g) => optimizer.groups.includes(g.name))
      .flatMap((g) =>
        g.parameters.flatMap((p) => slotsOf(optimizer).map((slot) => [`${p.path}/${slot}`, p] as const)),
      ),
  );
  const allowed = new Map([...own.flatMap(stateOf), ...slots].map(([name, { shape }]) => [name, shape]));
  const changed = graph.outputs.flatMap(({ role, name, value }) => {
    if (role !== 'state') return [];
    const shape = allowed.get(name);
    if (!shape) return [`the step ${step.name} changes ${name}, which none of its losses updates`];
    return typeProblems(`the new ${name}`, graph.values[value], { dtype: 'f32', shape });
  });
  return [
    ...verifyLeaves(graph, model, new Map(slots.map(([name, { shape }]) => [name, shape]))),
    ...changed,
    ...missingOutputs(
      graph,
      'loss',
      step.objective.map((o) => o.loss),
    ),
    ...missingOutputs(
      graph,
      'value',
      stage.log.map((entry) => entry.name),
    ),
  ];
}

/** Violations of an evaluation graph in plain words. */
export function verifyEvaluation(graph: Graph, model: ModelIR): string[] {
  return [
    ...verifyLeaves(graph, model, new Map()),
    ...graph.outputs.filter((o) => o.role === 'state').map((o) => `evaluation changes ${o.name}`),
    ...missingOutputs(
      graph,
      'predict',
      model.predictions.map((p) => p.name),
    ),
  ];
}

const stateOf = (group: GroupIR): (readonly [string, { readonly shape: readonly number[] }])[] =>
  [...group.parameters, ...group.statistics].map((entry) => [entry.path, entry]);

function missingOutputs(graph: Graph, role: string, names: readonly string[]): string[] {
  return names
    .filter((name) => !graph.outputs.some((o) => o.role === role && o.name === name))
    .map((name) => `the ${role} ${name} is not among the outputs`);
}

/** Everything that is handed in must be declared, in the same shape. `slots`: the moments there are. */
export function verifyLeaves(
  graph: Graph,
  model: Pick<ModelIR, 'inputs' | 'labels' | 'groups'>,
  slots: ReadonlyMap<string, readonly number[]>,
): string[] {
  const types = new Map<string, Type>();
  const declare = (kind: string, name: string, dtype: Type['dtype'], shape: Type['shape']): void =>
    void types.set(`${kind} ${name}`, { dtype, shape });
  for (const { name, shape } of model.inputs) declare('input', name, 'f32', shape);
  for (const { name } of model.labels) declare('label', name, 'i32', ['batch']);
  for (const { parameters, statistics } of model.groups) {
    for (const { path, shape } of parameters) declare('parameter', path, 'f32', shape);
    for (const { path, shape } of statistics) declare('statistic', path, 'f32', shape);
  }
  for (const [name, shape] of slots) declare('slot', name, 'f32', shape);
  return graph.nodes.flatMap(({ op, attrs, outputs }) => {
    if (!['input', 'label', 'parameter', 'statistic', 'slot'].includes(op)) return [];
    const parts = op === 'slot' ? [attrs['path'], attrs['slot']] : [attrs['path'] ?? attrs['name']];
    // A missing attribute is for the verifier of the graph to tell.
    if (parts.some((part) => part === undefined)) return [];
    const name = parts.join('/');
    const declared = types.get(`${op} ${name}`);
    return declared
      ? typeProblems(`the ${op} ${name}`, graph.values[outputs[0]!], declared)
      : [`the graph reads the ${op} ${name}, which is not declared`];
  });
}

function typeProblems(what: string, found: Type | undefined, wanted: Type): string[] {
  return found === undefined || formatType(found) === formatType(wanted)
    ? []
    : [`${what} has the type ${formatType(found)}, not ${formatType(wanted)}`];
}
