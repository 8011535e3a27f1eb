/** @file A model as one text without `extends`, `remove` and imports: it means what the original means. */
import { format } from '../../grammar/format/format.js';
import type { LabelMember, Member } from '../../grammar/syntax.js';
import { Unparser } from '../../grammar/unparse.js';
import { check, type Checked, type CheckOptions } from '../check/check.js';
import { nameOf } from '../check/extends.js';
import type { FlatMember } from '../check/flat.js';
import { expressionsOf } from '../check/mentions.js';
import type { ModelIR } from '../model/ir.js';
import { NeededBlocks } from './blocks.js';
import { flatModel, type FoundModel, type ModelName } from './flat-model.js';

export interface ShowOptions extends CheckOptions {
  readonly of: ModelName;
}

export interface Shown {
  /** Absent if the spec has errors, or no such model or experiment. */
  readonly text?: string;
  readonly checked: Checked;
}

export function show(entry: string, options: ShowOptions): Shown {
  const checked = check(entry, options);
  if (checked.diagnostics.some((d) => d.severity === 'error')) return { checked };
  const found = flatModel(options.of, checked, options);
  if (!found) return { checked };
  const { text, problems } = format(textOf(found), 'the shown text');
  if (text === undefined) throw new Error(`the shown text does not parse: ${problems[0]!.message}`);
  return { text, checked };
}

function textOf({ flat, doc, model }: FoundModel): string {
  const { members } = flat;
  const taken = new Set(members.map(({ member }) => nameOf(member).text));
  // An inherited member may be called as the model is: it was declared in another file.
  let { name } = flat;
  while (taken.has(name)) name = `${name}_model`;
  const blocks = new NeededBlocks([name, ...taken]);
  for (const { member, scope } of members) blocks.add(expressionsOf(member), scope);
  const written = blocks
    .named()
    .map(({ item, scope, name: own }) => new Unparser(blocks.renaming(scope)).block(item, own));
  const sorted = members
    .map((m) => ({ ...m, member: withClasses(m.member, model) }))
    .toSorted((a, b) => SECTIONS.indexOf(a.member.kind) - SECTIONS.indexOf(b.member.kind));
  const lines = sorted.map(({ member, scope }, i) => {
    const gap = i > 0 && sectionOf(sorted[i - 1]!) !== sectionOf(sorted[i]!) ? '\n' : '';
    return `${gap}${new Unparser(blocks.renaming(scope)).member(member)}\n`;
  });
  const comment = (doc ?? '').replace(/^(?=.)/gm, '# ');
  return `${written.join('\n')}\n${comment && `${comment}\n`}model ${name} {\n${lines.join('')}}\n`;
}

const SECTIONS: readonly Member['kind'][] = [
  'hyper',
  'input',
  'label',
  'noise',
  'group',
  'value',
  'loss',
  'predict',
  'train',
];

/** Labels follow inputs without a gap. */
const sectionOf = ({ member }: FlatMember): string => (member.kind === 'label' ? 'input' : member.kind);

/** The names of its classes, which another file's data may give, are written with the label. */
function withClasses(member: Member, model: ModelIR | undefined): Member {
  const label = model?.labels.find((l) => l.name === nameOf(member).text);
  if (member.kind !== 'label' || member.of || !label) return member;
  const numbered = label.classes.every((name, i) => name === String(i));
  if (numbered) return member;
  const of = label.classes.map((text) => ({ text, span: member.span }));
  return { ...member, of } satisfies LabelMember;
}
