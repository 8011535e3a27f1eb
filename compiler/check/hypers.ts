/** @file New expressions for hypers, from `with` and `--set`. */
import { parseExpression } from '../../grammar/parse.js';
import type { Binding, ValueMember } from '../../grammar/syntax.js';
import type { Report } from '../diagnostics/report.js';
import type { FlatMember, FlatModel } from './flat.js';
import type { FileScope } from './scope.js';
import { suggestion } from '../diagnostics/suggestion.js';

/** The model with the named hypers replaced; later bindings win. Unknown names are reported. */
export function withHypers(
  model: FlatModel,
  bindings: readonly Binding[],
  scope: FileScope,
  report: Report,
): FlatModel {
  const members = new Map(model.members.map((m) => [m, m] as const));
  const hypers = model.members.filter((m): m is FlatMember<ValueMember> => m.member.kind === 'hyper');
  for (const binding of bindings) {
    const target = hypers.find((m) => m.member.name.text === binding.name.text);
    if (!target) {
      report.error(
        'ED2022',
        binding.name.span,
        `\`${model.name}\` has no hyper \`${binding.name.text}\``,
        hypers.length > 0
          ? suggestion(
              binding.name,
              hypers.map((m) => m.member.name.text),
            )
          : { hint: `declare it there: \`hyper ${binding.name.text} = …\`` },
      );
      continue;
    }
    const { member } = target;
    members.set(target, {
      member: { ...member, value: binding.value },
      scope,
      inherited: target.inherited,
      declared: member.value,
    });
  }
  return { ...model, members: [...members.values()] };
}

/** `--set name=value` pairs as bindings in sources called `--set name`. */
export function parseSettings(
  set: Readonly<Record<string, string>>,
  report: Report,
): { readonly bindings: Binding[]; readonly sources: { name: string; text: string }[] } {
  const bindings: Binding[] = [];
  const sources: { name: string; text: string }[] = [];
  for (const [name, text] of Object.entries(set)) {
    const source = `--set ${name}`;
    sources.push({ name: source, text });
    const { expr, problems } = parseExpression(text, source);
    report.addAll(problems);
    const span = { source, start: 0, end: text.length };
    if (expr) bindings.push({ name: { text: name, span }, value: expr, span });
  }
  return { bindings, sources };
}
