/** @file What the compiler says to typical mistakes, word for word. */
import { test } from 'uvu';
import { renderDiagnostics } from '../../compiler/diagnostics/render.js';
import { golden } from '../support/golden.js';
import { checkExample } from './examples.js';
import { MISTAKES } from './mistakes.js';

for (const [name, source] of Object.entries(MISTAKES)) {
  test(name, () => {
    const { diagnostics, sources } = checkExample({}, source);
    golden(`diagnostics/${name.replaceAll(' ', '-')}`, {
      source,
      diagnostics: renderDiagnostics(diagnostics, sources),
    });
  });
}

test.run();
