/** @file Whether a group can take its parameters and statistics from another source: by path below the group, and by shape. */
import type { GroupIR } from './ir.js';

interface Tensor {
  readonly path: string;
  readonly shape: readonly number[];
}

export const tensorsOf = ({ parameters, statistics }: GroupIR): readonly Tensor[] => [
  ...parameters,
  ...statistics,
];

/** Why it cannot, as the end of a sentence; undefined if it can. The source may be another group, and may hold more. `besides`: paths that need not fit. */
export function misfit(
  group: GroupIR,
  source: readonly Tensor[],
  besides: ReadonlySet<string> = new Set(),
): string | undefined {
  const found = new Map(source.map(({ path, shape }) => [belowGroup(path), shape]));
  for (const { path, shape } of tensorsOf(group)) {
    const there = found.get(belowGroup(path));
    if (besides.has(path)) continue;
    if (!there) return `\`${path}\` is not there`;
    if (there.join() !== shape.join())
      return `\`${path}\` is [${shape.join(', ')}] here and [${there.join(', ')}] there`;
  }
  return undefined;
}

export const belowGroup = (path: string): string => path.slice(path.indexOf('.'));
