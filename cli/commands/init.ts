/** @file `ed2lc init`: a folder with a spec that trains at once, to run first and change next. Never replaces a file. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Option, type Command } from 'commander';
import type { Console } from '../console.js';
import { UsageError } from '../failures.js';
import { packageFile } from '../package-file.js';
import { inShell } from '../shell-words.js';
import { TEMPLATES, type TemplateName } from '../templates.js';

const NAMES = Object.keys(TEMPLATES) as TemplateName[];
const USUAL = 'ed2l';

export function registerInit(program: Command, console: Console): void {
  program
    .command('init')
    .description('write a small project that trains at once, to run first and change next')
    .argument('[folder]', 'where to; made if it is not there', '.')
    .addOption(
      new Option(
        '--template <name>',
        `what to begin with: ${NAMES.map((name) => `${name} (${TEMPLATES[name].title})`).join(', ')}`,
      ).choices(NAMES),
    )
    .action(async (named: string, { template }: { template?: TemplateName }) => {
      const folder = normalize(named);
      const chosen = template ?? (await choose(console));
      const files = projectOf(chosen);
      refuseToReplace(folder, Object.keys(files));
      mkdirSync(folder, { recursive: true });
      const written = Object.entries(files).filter(
        ([file]) => file !== PACKAGE || !existsSync(join(folder, PACKAGE)),
      );
      for (const [file, text] of written) writeFileSync(join(folder, file), text, { flag: 'wx' });
      console.say(`wrote ${written.map(([file]) => join(folder, file)).join(', ')}`);
      const there = folder === '.' ? '' : `cd ${inShell(folder)} && `;
      console.say(`next: ${there}ed2lc run`);
    });
}

/** Asks where somebody can answer; elsewhere says what there is, and takes the usual one. */
async function choose(console: Console): Promise<TemplateName> {
  const list = NAMES.map((name) => `  ${name.padEnd(12)}${TEMPLATES[name].title}`).join('\n');
  if (!console.interactive || !process.stdin.isTTY || console.quiet) {
    console.say(`templates (--template NAME):\n${list}\ntaking ${USUAL}`);
    return USUAL;
  }
  const terminal = createInterface({ input: process.stdin, output: console.stderr });
  try {
    const question = terminal.question(`templates:\n${list}\nwhich one? [${USUAL}] `);
    // Ctrl-C and Ctrl-D leave a question without an answer.
    const closed = new Promise<never>((_, refuse) =>
      terminal.once('close', () => refuse(new UsageError('no template was chosen'))),
    );
    const answer = (await Promise.race([question, closed])).trim() || USUAL;
    if (answer in TEMPLATES) return answer as TemplateName;
    throw new UsageError(`there is no template ${answer}; there are ${NAMES.join(', ')}`);
  } finally {
    terminal.close();
  }
}

const PACKAGE = 'package.json';

/** All files, by their names in the new folder. */
function projectOf(name: TemplateName): Record<string, string> {
  const { title, files } = TEMPLATES[name];
  const specs = Object.entries(files).map(([file, own]) => [file, readFileSync(packageFile(own), 'utf8')]);
  return {
    ...Object.fromEntries(specs),
    'README.md': readme(title, Object.keys(files)),
    '.gitignore': 'runs/\n.ed2l/\n',
    [PACKAGE]: `${JSON.stringify({ private: true, ed2l: 'spec.ed2l' }, null, 2)}\n`,
  };
}

const readme = (
  title: string,
  specs: readonly string[],
): string => `# ${title[0]!.toUpperCase()}${title.slice(1)}

Begun with \`ed2lc init\`: ${specs.map((file) => `[${file}](${file})`).join(', ')}.

\`\`\`sh
ed2lc routes    # who learns from which loss
ed2lc run       # train, and judge on people never seen: runs/NAME-001/
\`\`\`
`;

/** Throws UsageError before anything is written. A package.json stays as it is. */
function refuseToReplace(folder: string, files: readonly string[]): void {
  if (existsSync(folder) && !statSync(folder).isDirectory())
    throw new UsageError(`${folder} is a file: name a folder`);
  const inTheWay = files.filter((file) => file !== PACKAGE && existsSync(join(folder, file)));
  if (inTheWay.length === 0) return;
  const paths = inTheWay.map((file) => join(folder, file));
  throw new UsageError(
    `${paths.join(', ')} ${paths.length === 1 ? 'is' : 'are'} there already, and init replaces nothing: ` +
      'name another folder, or move what is in the way',
  );
}
