/** @file The `report` line of an experiment: what is to be said of a run, and of which values, folds and labels; checked against the model and its data. */
import { nearest } from '../../grammar/nearest.js';
import type { Expr } from '../../grammar/syntax.js';
import { parseExpression } from '../../grammar/parse.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { called } from '../diagnostics/edits.js';
import { Report } from '../diagnostics/report.js';
import { listed, suggestion } from '../diagnostics/suggestion.js';
import { matchArguments, type Matched } from '../elaborate/arguments.js';
import { parseSignature } from '../elaborate/builtins.js';
import type { BoundExperiment, NamedIR, ReportIR } from '../model/experiment.js';
import { findTap } from '../model/taps.js';
import { fieldsOf, VOTES } from '../model/sources.js';
import { COUNT } from '../scalar/ranges.js';

const SIGNATURES = {
  accuracy: parseSignature('; folds: pooled'),
  macro_f1: parseSignature(''),
  recall: parseSignature(''),
  confusion: parseSignature('; rows: true'),
  tsne: parseSignature('value; fold: 1'),
  heatmap: parseSignature('values…; fold: 10, sum: signed, scale: image, subjects: none'),
  probe: parseSignature('value, label; kind: linear'),
  curves: parseSignature(''),
  routes: parseSignature(''),
};

/** One item as it is written. Fails for what can be told without the model. */
export function readReportItem(expr: Expr, report: Report): ReportIR {
  const name =
    expr.kind === 'call' && expr.callee.kind === 'name'
      ? expr.callee.text
      : expr.kind === 'name'
        ? expr.text
        : undefined;
  const span = expr.kind === 'call' ? expr.callee.span : expr.span;
  if (name === undefined || !Object.hasOwn(SIGNATURES, name))
    return report.fail(
      'ED6003',
      span,
      name === undefined ? 'a report is written as a call' : `there is no report \`${name}\``,
      suggestion({ text: name ?? '', span }, Object.keys(SIGNATURES)),
    );
  const kind = name as keyof typeof SIGNATURES;
  const parameters = SIGNATURES[kind];
  if (expr.kind !== 'call') {
    const isComplete = parameters.every((p) => p.default !== undefined);
    return report.fail('ED6003', expr.span, `\`${name}\` is written as a call`, {
      hint: `write \`${name}(${isComplete ? '' : '…'})\``,
      ...(isComplete && { fix: called(expr.span) }),
    });
  }
  const args = new Items(
    kind,
    matchArguments(kind, parameters, expr.arguments, expr.span, report),
    expr,
    report,
  );
  switch (kind) {
    case 'accuracy':
      args.word('folds', ['pooled']);
      return { kind };
    case 'confusion':
      args.isTrue('rows');
      return { kind };
    case 'tsne':
      return { kind, value: args.tap('value'), fold: args.fold(), span: expr.span };
    case 'heatmap':
      return {
        kind,
        values: args.taps('values'),
        fold: args.fold(),
        sum: args.word('sum', ['signed', 'absolute']),
        scale: args.word('scale', ['image', 'pair']),
        subjects: args.names('subjects'),
        span: expr.span,
      };
    case 'probe':
      return {
        kind,
        value: args.tap('value'),
        label: args.name('label'),
        probe: args.word('kind', ['linear', 'hidden', 'both']),
        span: expr.span,
      };
    case 'curves':
      return { kind };
    case 'routes':
      return { kind };
    default:
      return { kind };
  }
}

/** Arguments that are words, names and whole numbers as they stand: nothing is evaluated. */
class Items {
  constructor(
    readonly call: string,
    readonly matched: Matched,
    readonly expr: Expr,
    readonly report: Report,
  ) {}

  word<W extends string>(parameter: string, words: readonly [W, ...W[]]): W {
    const expr = this.matched.given.get(parameter);
    if (!expr) return words[0];
    if (expr.kind === 'name' && (words as readonly string[]).includes(expr.text)) return expr.text as W;
    const text = expr.kind === 'name' ? expr.text : '';
    return this.report.fail(
      'ED3011',
      expr.span,
      `\`${parameter}\` of \`${this.call}\` is ${words.length === 1 ? 'only' : 'one of'} ${listed(words)}`,
      nearest(text, words) === undefined
        ? { hint: `write \`${parameter}: ${words[0]}\`` }
        : suggestion({ text, span: expr.span }, words),
    );
  }

  isTrue(parameter: string): void {
    const expr = this.matched.given.get(parameter);
    if (expr && !(expr.kind === 'boolean' && expr.value))
      this.#wrong(
        expr,
        `\`${parameter}\` of \`${this.call}\` is \`true\`: both counts and shares are shown`,
        'leave it out',
      );
  }

  /** null: nothing was said. */
  fold(): number | null {
    const expr = this.matched.given.get('fold');
    if (!expr) return null;
    if (expr.kind === 'number' && COUNT.holds(expr.value)) return expr.value;
    return this.#wrong(expr, `a fold is ${COUNT.text}`, 'write, for example, `fold: 1`');
  }

  tap(parameter: string): NamedIR {
    const expr = this.matched.given.get(parameter)!;
    return { text: this.#tapOf(expr), span: expr.span };
  }

  taps(parameter: string): NamedIR[] {
    if (this.matched.rest.length === 0)
      this.report.fail('ED3006', this.expr.span, `\`${this.call}\` needs \`${parameter}\``, {
        hint: `write \`${this.call}(f_t.down)\``,
      });
    return this.matched.rest.map((expr) => ({ text: this.#tapOf(expr), span: expr.span }));
  }

  name(parameter: string): NamedIR {
    const expr = this.matched.given.get(parameter)!;
    if (expr.kind === 'name') return { text: expr.text, span: expr.span };
    return this.#wrong(
      expr,
      `\`${parameter}\` of \`${this.call}\` is a name`,
      'write, for example, `expression` or `subject`',
    );
  }

  /** Strings, or names as they stand. */
  names(parameter: string): string[] {
    const expr = this.matched.given.get(parameter);
    if (!expr) return [];
    const items = expr.kind === 'list' ? expr.items : [expr];
    return items.map((item) => {
      if (item.kind === 'string') return item.value;
      if (item.kind === 'name') return item.text;
      return this.#wrong(
        item,
        `\`${parameter}\` of \`${this.call}\` are names of people`,
        'write, for example, `subjects: ["S005", "S010"]`',
      );
    });
  }

  #tapOf(expr: Expr): string {
    if (expr.kind === 'name') return expr.text;
    if (expr.kind === 'field') return `${this.#tapOf(expr.object)}.${expr.field.text}`;
    return this.#wrong(
      expr,
      `\`${this.call}\` shows a value by its name`,
      'write a declared value, or a piece of one: `f_t`, `f_t.down`',
    );
  }

  #wrong(expr: Expr, message: string, hint: string): never {
    return this.report.fail('ED6003', expr.span, message, { hint });
  }
}

/** Values, folds and labels that an item names are there. */
export function checkReportItem(
  item: ReportIR,
  { model, data, testData }: Pick<BoundExperiment, 'model' | 'data' | 'testData'>,
  report: Report,
): void {
  switch (item.kind) {
    case 'tsne':
      checkTap(item.value, model, report);
      return checkFold(item, data, testData, report);
    case 'heatmap':
      for (const value of item.values) {
        const found = checkTap(value, model, report);
        const shape = found === undefined ? undefined : model.graph.values[found]!.shape;
        if (shape && shape.length !== 4)
          report.error(
            'ED6003',
            value.span,
            `\`${value.text}\` is no map: it is \`f32[${shape.join(', ')}]\``,
            {
              hint: 'a heat map is drawn of `f32[batch, height, width, channels]`, such as the output of a convolution',
            },
          );
      }
      return checkFold(item, data, testData, report);
    case 'probe':
      checkTap(item.value, model, report);
      return checkLabel(item, { model, data }, report);
    default:
  }
}

type Placed = Extract<ReportIR, { readonly span: unknown }>;

function checkTap(
  { text, span }: NamedIR,
  model: BoundExperiment['model'],
  report: Report,
): number | undefined {
  const found = findTap(model, text);
  switch (found.kind) {
    case 'found':
      return found.value;
    case 'unknown':
      report.error(
        'ED2001',
        span,
        `\`${model.name}\` has no value \`${found.name}\``,
        suggestion({ text: found.name, span: { ...span, end: span.start + found.name.length } }, found.among),
      );
      return undefined;
    case 'no pieces':
      report.error('ED2017', span, `\`${found.name}\` has no pieces: it is no application of a group`, {
        hint: 'only a value that is directly `G(x)`, for a group `G`, has pieces',
      });
      return undefined;
    case 'no piece':
    case 'several':
      report.error(
        'ED2018',
        span,
        found.kind === 'several'
          ? `\`${found.path}\` could be any of ${found.among.length} pieces`
          : `there is no piece \`${found.path}\``,
        { hint: found.among.length === 0 ? 'it has no pieces' : `write one of ${listed(found.among)}` },
      );
      return undefined;
  }
}

function checkFold(
  { kind, fold, span }: Extract<Placed, { fold: unknown }>,
  { name, folds, span: place }: BoundExperiment['data'],
  testData: BoundExperiment['testData'],
  report: Report,
): void {
  // How many a file has is known when it is opened.
  if (fold === null || testData || !folds || folds.kind === 'file' || fold <= folds.count) return;
  report.error('ED6003', span, `\`${kind}\` shows fold ${fold}, and \`${name}\` has ${folds.count}`, {
    labels: [{ span: place, message: `${folds.count} folds` }],
    hint: `write \`fold: ${folds.count}\`, or leave it out`,
  });
}

/** A label of the model that the data gives, the person, or a field of the data. */
function checkLabel(
  { label: { text: label, span } }: Extract<Placed, { kind: 'probe' }>,
  { model, data }: Pick<BoundExperiment, 'model' | 'data'>,
  report: Report,
): void {
  const fields = fieldsOf(data.source);
  const labels = model.labels.filter((l) => l.kind === 'class').map((l) => l.name);
  const known = [...labels, 'subject', ...(fields ?? []).filter((name) => name !== VOTES)];
  if (known.includes(label) || fields === null) return;
  report.error(
    'ED2001',
    span,
    `neither \`${model.name}\` nor \`${data.name}\` has a label \`${label}\``,
    suggestion({ text: label, span }, known),
  );
}

export interface ReadItems {
  readonly items: readonly ReportIR[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Items as text, `tsne(f_t, fold: 2)`, for an experiment that has none of them on its `report` line. */
export function parseReportItem(text: string, source: string, bound: BoundExperiment): ReadItems {
  const report = new Report();
  const { expr, problems } = parseExpression(text, source);
  report.addAll(problems);
  const item = expr && report.attempt(() => readReportItem(expr, report));
  if (item) checkReportItem(item, bound, report);
  return { items: item && !report.hasErrors ? [item] : [], diagnostics: report.diagnostics };
}
