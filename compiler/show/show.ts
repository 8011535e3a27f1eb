/** @file A model as one text without `extends`, `remove` and imports: it means what the original means. */
import { format } from '../../grammar/format/format.js';
import type { ExperimentItem, LabelMember, Member } from '../../grammar/syntax.js';
import { Unparser } from '../../grammar/unparse.js';
import { check, type Checked, type CheckOptions } from '../check/check.js';
import { flatten, nameOf } from '../check/extends.js';
import type { FlatMember, FlatModel } from '../check/flat.js';
import { parseSettings, withHypers } from '../check/hypers.js';
import { loadFiles } from '../check/load.js';
import { expressionsOf } from '../check/mentions.js';
import { buildScopes, resolvePath, type FileScope } from '../check/scope.js';
import { Report } from '../diagnostics/report.js';
import type { ModelIR } from '../model/ir.js';
import { NeededBlocks } from './blocks.js';

export interface ShowOptions extends CheckOptions {
  /** A model that the file declares or imports, or an experiment of it: then its model with its `with` values. */
  readonly of: { readonly model: string } | { readonly experiment: string };
}

export interface Shown {
  /** Absent if the spec has errors, or no such model or experiment. */
  readonly text?: string;
  readonly checked: Checked;
}

export function show(entry: string, options: ShowOptions): Shown {
  const checked = check(entry, options);
  if (checked.diagnostics.some((d) => d.severity === 'error')) return { checked };
  const report = new Report();
  const loaded = loadFiles(entry, options.reader, report);
  const scope = buildScopes(loaded, report).get(checked.entry)!;
  const found = flatModelOf(options.of, scope, checked, report);
  if (!found) return { checked };
  const names = new Set(found.flat.members.map(({ member }) => nameOf(member).text));
  const set = parseSettings(options.set ?? {}, report).bindings.filter((b) => names.has(b.name.text));
  const text = textOf(withHypers(found.flat, set, scope, report), found.doc, found.model);
  const { text: laidOut, problems } = format(text, 'the shown text');
  if (laidOut === undefined) throw new Error(`the shown text does not parse: ${problems[0]!.message}`);
  return { text: laidOut, checked };
}

interface Found {
  readonly flat: FlatModel;
  readonly doc: string | undefined;
  /** Where it has been checked: the classes of its labels. */
  readonly model: ModelIR | undefined;
}

function flatModelOf(
  of: ShowOptions['of'],
  scope: FileScope,
  checked: Checked,
  report: Report,
): Found | undefined {
  if ('model' in of) {
    const declared = scope.names.get(of.model);
    const flat = declared?.kind === 'model' ? flatten(declared.item, declared.scope, report) : undefined;
    return flat && declared?.kind === 'model'
      ? { flat, doc: declared.item.doc, model: checked.models.get(of.model) }
      : undefined;
  }
  const declared = scope.names.get(of.experiment);
  if (declared?.kind !== 'experiment') return undefined;
  const { path, bindings } = modelLineOf(declared.item);
  const item = path && resolvePath(path, 'model', declared.scope, report);
  const flat = item && flatten(item.item, item.scope, report);
  const bound = checked.experiments.find(({ experiment }) => experiment.name === of.experiment);
  return (
    flat && {
      flat: withHypers(flat, bindings, declared.scope, report),
      doc: item.item.doc,
      model: bound?.model,
    }
  );
}

/** What the last stage trains: the model line with its values, and then those of the stage. */
function modelLineOf({ lines }: ExperimentItem) {
  const model = lines.find((line) => line.kind === 'use-model');
  const stage = lines.findLast((line) => line.kind === 'stage');
  return { path: model?.model, bindings: [...(model?.with ?? []), ...(stage?.with ?? [])] };
}

function textOf({ name, members }: FlatModel, doc: string | undefined, model: ModelIR | undefined): string {
  const blocks = new NeededBlocks([name, ...members.map(({ member }) => nameOf(member).text)]);
  for (const { member, scope } of members) blocks.add(expressionsOf(member), scope);
  const written = blocks
    .named()
    .map(({ item, scope, name: own }) => new Unparser(blocks.renaming(scope)).block(item, own));
  const sorted = members
    .map((flat) => ({ ...flat, member: withClasses(flat.member, model) }))
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
