/** @file Groups: layers built once, whose every application shares their parameters. */
import type { ValueMember } from '../../grammar/syntax.js';
import { countPieces } from './count-pieces.js';
import type { Env, Owner, Shared } from './environment.js';
import { evaluate } from './evaluate.js';
import { PieceScope, Taps } from './pieces.js';
import { describe, type ApplicationInfo, type LayerValue } from './values.js';

/** A group before it is known which member applies it. */
export interface GroupLayer extends LayerValue {
  readonly withOwner: (owner: Owner) => Pick<LayerValue, 'apply' | 'stopped'>;
}

/** Builds the pieces of a group. A group that is one call takes that call's place: its path is the group's name. */
export function buildGroup(name: string, member: ValueMember, env: Env, shared: Shared): GroupLayer {
  const pieces = PieceScope.of(name);
  const isOne = countPieces(member.value, { ...env, pieces }, shared) === 1;
  const layer = evaluate(member.value, { ...env, pieces: isOne ? pieces.sole('') : pieces }, shared);
  if (layer.kind !== 'layer') {
    shared.report.fail('ED3008', member.value.span, `a group is a layer, and this is ${describe(layer)}`, {
      hint: `leave out the tensor here, and apply the group in a value: \`y = ${name}(x)\``,
    });
  }
  let applications = 0;
  const applier =
    (owner: Owner, stopped: boolean): LayerValue['apply'] =>
    (inputs, { span }) => {
      shared.parameters.applied.add(name);
      const within = ++owner.applications;
      const application: ApplicationInfo = {
        group: name,
        number: ++applications,
        key: within === 1 ? owner.name : `${owner.name}.${within}`,
        taps: new Taps(),
        stopped,
      };
      const place = { group: name, piece: name, application: application.number };
      const output = shared.builder.within(place, () => layer.apply(inputs, { span, application }));
      return { ...output, taps: { root: name, of: application.taps } };
    };
  const withOwner = (owner: Owner): Pick<LayerValue, 'apply' | 'stopped'> => ({
    apply: applier(owner, false),
    stopped: () => ({ kind: 'layer', name, inputs: layer.inputs, apply: applier(owner, true) }),
  });
  return { kind: 'layer', name, inputs: layer.inputs, ...withOwner(env.owner), withOwner };
}
