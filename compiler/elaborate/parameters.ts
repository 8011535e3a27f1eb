/** @file The parameters and statistics of every group, created at the first application and shared by all others. */
import type { Span } from '../../grammar/span.js';
import type { GraphBuilder, NodePlace } from '../graph/builder.js';
import type { ValueId } from '../graph/graph.js';
import type { Report } from '../diagnostics/report.js';
import type { InitIR, ParameterIR } from '../model/ir.js';
import type { ApplicationInfo } from './values.js';

interface Created {
  readonly group: string;
  readonly shape: readonly number[];
  readonly span: Span;
  readonly parameter?: Omit<ParameterIR, 'path' | 'shape'>;
  readonly initial?: 0 | 1;
}

/** `application` is where the layer is applied: the span that a shape error points to. */
export interface ParameterPlace {
  readonly application: ApplicationInfo;
  readonly piece: string;
  readonly place: NodePlace;
  /** Where the group is applied. */
  readonly span: Span;
}

/** 4 GiB of f32: more than any engine here can hold. */
const MOST_NUMBERS = 2 ** 30;

export class ParameterTable {
  #numbers = 0;
  readonly #byPath = new Map<string, Created>();
  /** Groups that something applies: only then do they have their parameters, or are known to have none. */
  readonly applied = new Set<string>();

  constructor(
    readonly builder: GraphBuilder,
    readonly report: Report,
  ) {}

  parameter(at: ParameterPlace, name: ParameterIR['role'], shape: readonly number[], init: InitIR): ValueId {
    const path = `${at.piece}.${name}`;
    this.#share(path, at, {
      group: at.application.group,
      shape,
      span: at.span,
      parameter: { role: name, init },
    });
    const id = this.builder.emit(
      'parameter',
      [],
      { path, shape },
      { span: at.span, from: 'source' },
      { group: at.application.group },
    );
    return at.application.stopped
      ? this.builder.emit('stop', [id], {}, { span: at.span, from: 'source' }, at.place)
      : id;
  }

  statistic(at: ParameterPlace, name: 'mean' | 'variance', shape: readonly number[]): ValueId {
    const path = `${at.piece}.${name}`;
    this.#share(path, at, {
      group: at.application.group,
      shape,
      span: at.span,
      initial: name === 'mean' ? 0 : 1,
    });
    return this.builder.emit(
      'statistic',
      [],
      { path, shape },
      { span: at.span, from: 'source' },
      { group: at.application.group },
    );
  }

  of(group: string): {
    parameters: ParameterIR[];
    statistics: { path: string; shape: readonly number[]; initial: 0 | 1 }[];
  } {
    const own = [...this.#byPath].filter(([, created]) => created.group === group);
    return {
      parameters: own.flatMap(([path, { shape, parameter }]) =>
        parameter ? [{ path, shape, ...parameter }] : [],
      ),
      statistics: own.flatMap(([path, { shape, initial }]) =>
        initial === undefined ? [] : [{ path, shape, initial }],
      ),
    };
  }

  /** Registers a tensor, or checks that a later application gives it the same shape. */
  #share(path: string, at: ParameterPlace, created: Created): void {
    const before = this.#byPath.get(path);
    if (!before) {
      this.#numbers += created.shape.reduce((n, d) => n * d, 1);
      if (this.#numbers > MOST_NUMBERS)
        this.report.fail('ED3027', at.span, `with \`${path}\` this model has more than 2^30 parameters`, {
          label: `\`${path}\` is [${created.shape.join(', ')}]`,
          hint: 'reduce the image, the stride or the units before a layer of this size',
        });
      this.#byPath.set(path, created);
    } else if (before.shape.join() !== created.shape.join()) {
      const group = at.application.group;
      this.report.fail(
        'ED3016',
        at.span,
        `this application gives \`${path}\` the shape [${created.shape.join(', ')}], but an earlier one gives it [${before.shape.join(', ')}]`,
        {
          label: `[${created.shape.join(', ')}] here`,
          labels: [{ span: before.span, message: `[${before.shape.join(', ')}] here` }],
          hint: `all applications of \`${group}\` share its parameters; declare a second group for inputs of another shape`,
        },
      );
    }
  }
}
