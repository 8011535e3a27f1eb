/** @file docs/diagnostics.md, made from the texts of the codes. */
import { CODES } from './codes/index.js';
import { shownExample, type CodeText } from './code-text.js';

/** What the codes of each thousand are about. */
const PHASES: Readonly<Record<string, string>> = {
  ED1: 'Syntax',
  ED2: 'Names, imports and inheritance',
  ED3: 'Shapes, types and arguments',
  ED4: 'Routes',
  ED5: 'Training',
  ED6: 'Data and experiments',
  ED8: 'Not yet supported',
  ED9: 'Faults of the compiler',
};

const INTRODUCTION = `# Diagnostics

<!-- Made by \`npm run docs\` from compiler/diagnostics/codes: edit those. -->

Everything the compiler has to say about a spec has a code, which never changes its meaning. \`ed2lc explain CODE\` prints the text below.
An **error** means that nothing was compiled. A **warning** means that something has no effect, or probably another one than intended. A **note** says what was done; only \`ed2lc check\` shows it.

A diagnostic shows the place it is about (\`^^^\`), other places that belong to it (\`---\`), and, after \`help\`, a way out.
With \`--json\` each is one line: an object with \`version\`, \`code\`, \`severity\`, \`message\`, \`file\`, \`line\`, \`column\`, \`endLine\`, \`endColumn\`,
\`label\`, \`labels\`, \`hint\` and \`fix\`. Lines and columns count from 1; the end is just behind the last character. \`fix\` lists edits that
make the diagnostic go away when all are applied; it is empty where a person has to decide.
`;

/** The whole page. */
export function diagnosticsPage(): string {
  const phases = Object.entries(PHASES).map(([prefix, name]) => {
    const codes = CODES.filter(({ code }) => code.startsWith(prefix));
    return [`## ${name}\n`, ...codes.map(sectionOf)].join('\n');
  });
  return [INTRODUCTION, contents(), ...phases].join('\n');
}

function contents(): string {
  const rows = CODES.map(({ code, title }) => `| [${code}](#${code.toLowerCase()}) | ${title} |\n`);
  return `| code | |\n|---|---|\n${rows.join('')}`;
}

function sectionOf({ code, title, explanation, wrong, right, others }: CodeText): string {
  const fence = (spec: string): string => `\`\`\`ed2l\n${shownExample(spec)}\`\`\`\n`;
  return [
    `### ${code}\n`,
    `**${title[0]!.toUpperCase()}${title.slice(1)}.** ${explanation}\n`,
    ...Object.entries(others ?? {}).map(([path, spec]) => `In \`${path}\`:\n\n${fence(spec)}`),
    ...(wrong === undefined ? [] : [`Wrong:\n\n${fence(wrong)}`]),
    ...(right === undefined ? [] : [`Right:\n\n${fence(right)}`]),
  ].join('\n');
}
