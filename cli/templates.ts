/** @file What `ed2lc init` can begin with. Each template is made of specs of this package, which therefore are tested with it. */

export interface Template {
  readonly title: string;
  /** By their names in the new folder: where they lie in the package. They import nothing but each other. */
  readonly files: Readonly<Record<string, string>>;
}

export const TEMPLATES = {
  baseline: {
    title: 'one network, one loss',
    files: { 'spec.ed2l': 'examples/baseline.ed2l' },
  },
  ed2l: {
    title: 'the ED²L network and its baseline, small',
    files: {
      'spec.ed2l': 'specs/small.ed2l',
      'ed2l.ed2l': 'specs/ed2l.ed2l',
      'sphereface.ed2l': 'specs/sphereface.ed2l',
    },
  },
  two_losses: {
    title: 'two losses on one network, and who learns from which',
    files: { 'spec.ed2l': 'examples/two_losses.ed2l' },
  },
} as const satisfies Readonly<Record<string, Template>>;

export type TemplateName = keyof typeof TEMPLATES;
