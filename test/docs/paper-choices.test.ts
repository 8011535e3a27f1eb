/** @file docs/paper-choices.md against the compiler and the tests: every spelling compiles, those of a row differ, and every test it names exists. */
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Checked } from '../../compiler/check/check.js';
import { printModel } from '../../compiler/model/print.js';
import { compileModel } from '../../compiler/program.js';
import { readPage } from '../support/pages.js';
import { checkText, errorsOf, modelOf } from '../support/specs.js';

interface Row {
  readonly id: string;
  readonly choice: string;
  readonly spellings: readonly string[];
  /** That this version answers with "not yet supported". */
  readonly later: readonly string[];
  readonly tests: string;
}

const rows = [...readPage('docs/paper-choices.md').text.matchAll(/^\| ([ALO]\d+) \|(.*)\|$/gm)].map(
  ([, id, cells]): Row => {
    const [choice, , spelling, tests] = cells!.split(/(?<!\\)\|/).map((cell) => cell.trim());
    const [now, later] = spelling!
      .split('later:')
      .map((text) => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!.replaceAll('\\|', '|')));
    return { id: id!, choice: choice!, spellings: now!, later: later ?? [], tests: tests! };
  },
);

const SMALL = { middle: '1', last: '1', filters: '4' };
const FACES = {
  source: 'source synthetic_faces()',
  resize: 'resize to(128, 110)',
  crops: 'crops ten(112, 96)',
};
const DATA = /^(source|frames|align|resize|color|pixels|crops|augment|balance|folds) /;
const EXPERIMENT = /^(pretrain|train on|score|select|seeds|report)\b/;
const TRAIN = /^(using|minimize|step|freeze|log) /;
const MEMBER = /^(group|loss|hyper|predict) /;

/** A file in which the spelling stands where the page says. */
function fileOf(spelling: string): string {
  const [word] = spelling.split(' ') as [string];
  const member = MEMBER.test(spelling)
    ? spelling
    : TRAIN.test(spelling)
      ? `train { ${word === 'using' ? `minimize lambda_t * l_t + lambda_p * (l_a + l_p) ${spelling}` : spelling} }`
      : DATA.test(spelling) || EXPERIMENT.test(spelling)
        ? ''
        : `group base = unit(8, stride: 8) |> ${spelling}`;
  const lines: Record<string, string> = { ...FACES, folds: 'folds blocks(10)' };
  if (DATA.test(spelling)) lines[word] = spelling;
  if (word === 'align') delete lines['resize'];
  if (word === 'frames') lines['source'] = 'source manifest("faces.csv")';
  const stages = /^(pretrain|train on)/.test(spelling) ? spelling : 'train on faces';
  const setting = EXPERIMENT.test(spelling) && stages !== spelling ? spelling : '';
  return `
    import sphereface from "./specs/sphereface.ed2l"
    import { unit } from "./specs/sphereface.ed2l"
    import { ed2l } from "./specs/ed2l.ed2l"
    model choice extends ed2l { ${member} }
    data faces { ${Object.values(lines).join('  ')} }
    data fer2013 { source fer2013("fer2013.csv", part: training)  resize to(128, 110)  crops ten(112, 96) }
    ${DATA.test(spelling) || EXPERIMENT.test(spelling) ? `experiment chosen { model choice  ${stages}  ${setting} }` : ''}`;
}

/** What of the result the spelling can change, without places in the text. */
function essence(checked: Checked): string {
  const form = checked.experiments.map(({ experiment, stages }) => ({ experiment, stages }));
  const plain = JSON.stringify(form, (key, value: unknown) =>
    key === 'span' || key === 'model' ? undefined : value,
  );
  return `${printModel(modelOf(checked, 'choice'))}\n${plain}`;
}

for (const { id, choice, spellings } of rows) {
  if (spellings.length === 0) continue;
  test(`${id}, ${choice}: every spelling compiles, and each is something else`, () => {
    const found = spellings.map((spelling) => {
      const checked = checkText(fileOf(spelling), SMALL);
      assert.equal(
        errorsOf(checked).map((d) => d.message),
        [],
        spelling,
      );
      return { spelling, checked, essence: essence(checked) };
    });
    for (const { spelling, checked } of found.filter(
      (f) => MEMBER.test(f.spelling) || TRAIN.test(f.spelling),
    ))
      assert.ok(compileModel(modelOf(checked, 'choice')).stages.length > 0, spelling);
    assert.is(new Set(found.map((f) => f.essence)).size, spellings.length);
  });
}

test('what is put off is not yet supported, and nothing else is wrong with it', () => {
  for (const spelling of rows.flatMap((row) => row.later)) {
    const codes = errorsOf(checkText(fileOf(spelling), SMALL)).map((d) => d.code);
    assert.equal([...new Set(codes)], ['ED8001'], `${spelling} compiles: it is not for later any more`);
  }
});

test('every choice has a row', () => {
  const ids = new Set(rows.map((row) => row.id));
  const wanted = Object.entries({ A: 12, L: 12, O: 15 }).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, i) => `${letter}${i + 1}`),
  );
  assert.equal([...ids], wanted);
});

test('every test that is named exists, and every row with a spelling names one', () => {
  for (const { id, choice, spellings, tests } of rows) {
    const goldens = [...tests.matchAll(/`(\w+\/\w+\.golden)`/g)].map(([, name]) => name!);
    for (const name of goldens) assert.ok(existsSync(`test/golden/${name}`), `${id}: ${name}`);
    const named = tests.split(/(?=`[\w-]+\/[\w-]+`)/).flatMap((part) => {
      const file = /^`([\w-]+\/[\w-]+)`/.exec(part)?.[1];
      return file ? [...part.matchAll(/"([^"]+)"/g)].map(([, title]) => [file, title!] as const) : [];
    });
    assert.is(named.length > 0, spellings.length > 0, `${id}, ${choice}`);
    for (const [file, title] of named) {
      const path = `test/${file}.test.ts`;
      assert.ok(existsSync(path), `${id}: ${path}`);
      const text = readFileSync(path, 'utf8');
      assert.ok(title.length > 10, `${id}: ${title}`);
      // An ellipsis stands for what a test fills in.
      for (const part of title.split('…'))
        assert.ok(text.includes(part), `${id}: no test in ${path} has "${part}"`);
    }
  }
});

test.run();
