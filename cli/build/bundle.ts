/** @file Makes the published executable out of the compiled sources: one file of program text, which starts several times faster than two thousand modules, and a small one that loads it. `npm run build` runs it. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';

const DIST = resolve(fileURLToPath(import.meta.url), '../../..');

/** What is loaded from node_modules when it is needed: engines and image codecs, which bring files of their own, and t-SNE, whose licence asks that it can be exchanged. */
const EXTERNAL = ['sharp', '@tensorflow/*', '@saehrimnir/druidjs'];

const OUT = join(DIST, 'bin');

/** Writes `program.cjs`, `ed2lc.cjs` that loads it (what `bin` names), and the licences of the packages inside to dist/bin. */
export async function bundle(): Promise<void> {
  const program = await made('main.js', 'program.cjs', { external: EXTERNAL });
  const hash = createHash('sha256')
    .update(readFileSync(join(OUT, 'program.cjs')))
    .digest('hex');
  await made('start.js', 'ed2lc.cjs', { define: { PROGRAM_HASH: JSON.stringify(hash.slice(0, 16)) } });
  writeFileSync(join(OUT, 'LICENSES.txt'), licences(program));
}

/** What goes into the program; writes nothing. */
export const partsOfProgram = (): Promise<Metafile> =>
  made('main.js', 'program.cjs', { external: EXTERNAL, write: false });

async function made(from: string, to: string, more: BuildOptions): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: [join(DIST, 'cli', from)],
    outfile: join(OUT, to),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    plugins: [ownPlaces],
    banner: { js: PLACE_OF },
    metafile: true,
    ...more,
  });
  return metafile!;
}

const PLACE_OF = `const placeOf = (path) =>
  require('node:url').pathToFileURL(require('node:path').join(__dirname, path)).href;`;

/** In one file every module would be in the same place: `import.meta.url` stays that of the module in dist/, beside which its workers lie. */
const ownPlaces: Plugin = {
  name: 'own-places',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.js$/ }, ({ path }) => {
      if (!path.startsWith(DIST)) return undefined;
      const place = `placeOf(${JSON.stringify(relative(OUT, path))})`;
      return { contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', place) };
    }),
};

/** Their licences ask that copies carry them. */
function licences({ inputs }: Metafile): string {
  const packages = new Set<string>();
  for (const input of Object.keys(inputs)) {
    const [, found] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
    if (found !== undefined) packages.add(found);
  }
  return [...packages]
    .sort()
    .map((path) => {
      const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
      const all = readdirSync(path);
      const own = all.filter((file) => /^(licen[cs]e|notice)/i.test(file));
      // Some say it in their readme alone.
      const files = own.length > 0 ? own : all.filter((file) => /^readme/i.test(file));
      const texts = files.map((file) => readFileSync(join(path, file), 'utf8').trim());
      return [`== ${name} ${version} (${license})`, ...texts].join('\n\n');
    })
    .join('\n\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
