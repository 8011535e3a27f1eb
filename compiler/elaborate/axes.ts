/** @file The `axis` argument: `all`, `batch`, `rest`, `channels`, or a list of numbers counted with batch = 0. */
import type { Arguments } from './arguments.js';
import { WHOLE } from '../scalar/ranges.js';
import { allAxes, hasBatch, lastAxis, type Axes } from './tensors.js';
import type { TensorValue } from './values.js';
import { formatType } from '../graph/graph.js';

const WORDS = ['all', 'batch', 'rest', 'channels'] as const;

export function axesOf(args: Arguments, x: TensorValue): Axes {
  const word = args.word('axis', WORDS);
  const rank = x.type.shape.length;
  switch (word) {
    case 'all':
      return allAxes(x);
    case 'batch':
      if (!hasBatch(x))
        args.report.fail('ED3026', args.spanOf('axis'), `\`${args.name}\` finds no batch axis here`, {
          label: `axis of \`${formatType(x.type)}\``,
        });
      return [0];
    case 'rest':
      return allAxes(x).filter((axis) => x.type.shape[axis] !== 'batch');
    case 'channels':
      if (rank === 0)
        args.report.fail('ED3026', args.spanOf('axis'), `\`${args.name}\` finds no axis in a single number`);
      return [channelsOf(args, x, 'axis')];
    case undefined:
  }
  const expr = args.expr('axis');
  const items = expr.kind === 'list' ? expr.items : [expr];
  if (expr.kind === 'name') args.choice('axis', WORDS);
  return items.map((item, i) => {
    const axis = args.fixedOf(item, 'axis', WHOLE);
    if (axis >= rank) {
      args.report.fail(
        'ED3026',
        item.span,
        `\`${args.name}\` finds no axis ${axis} in \`${formatType(x.type)}\``,
        {
          hint: rank === 0 ? 'a single number has no axes' : `its axes are 0 to ${rank - 1}`,
        },
      );
    }
    if (items.slice(0, i).some((before) => args.fixedOf(before, 'axis') === axis))
      args.report.fail('ED3026', item.span, `\`${args.name}\` gets the axis ${axis} twice`, {
        hint: 'leave one of them out',
      });
    return axis;
  });
}

/** One axis that is not the batch. */
export function axisOf(args: Arguments, x: TensorValue): number {
  const axes = axesOf(args, x);
  if (axes.length !== 1 || x.type.shape[axes[0]!] === 'batch') {
    args.report.fail(
      'ED3026',
      args.spanOf('axis'),
      `\`${args.name}\` works along one axis other than the batch`,
      {
        hint: 'write, for example, `axis: channels`',
      },
    );
  }
  return axes[0]!;
}

/** The last axis, where it is not the batch. */
export function channelsOf(args: Arguments, x: TensorValue, parameter: string): number {
  const axis = lastAxis(x);
  if (axis < 0 || x.type.shape[axis] === 'batch') {
    args.report.fail(
      'ED3026',
      args.spanOf(parameter),
      `\`${args.name}\` works along the channels, and \`${formatType(x.type)}\` has none`,
    );
  }
  return axis;
}
