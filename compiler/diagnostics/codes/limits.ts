/** @file ED8… and ED9…: what this version cannot do, and what no version should. */
import type { CodeText } from '../code-text.js';
import { GROUP, INPUT, LABEL, LOSS, model, TRAIN } from './pieces.js';

export const LIMITS: readonly CodeText[] = [
  {
    code: 'ED8001',
    title: 'a part of the language is not yet supported',
    explanation:
      'The grammar knows more than this version of the compiler can train. Such a part is refused where it stands, instead of being ignored; docs/language.md lists them all.',
    wrong: model(INPUT, LABEL, 'noise u = normal(4)', GROUP, LOSS, TRAIN),
    right: model(INPUT, LABEL, GROUP, LOSS, TRAIN),
  },
  {
    code: 'ED9001',
    title: 'the compiler failed',
    explanation:
      'A fault of ed2lc, not of the spec: something that should never happen did. Please report it together with the spec, and with the lines that `ED2LC_TRACE=1` adds. Other declarations of the file are checked all the same.',
  },
];
