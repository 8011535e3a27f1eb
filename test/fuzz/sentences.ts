/** @file Texts made from the grammar by chance: they parse, and mean little. Names come from few, so that they often meet. Seeded. */
import { randomFrom } from '../support/random-graph.js';

const NAMES = [
  'a',
  'b',
  'f',
  'x',
  'y',
  'z',
  'head',
  'base',
  'on',
  'with',
  'all',
  'step',
  'every',
  'start',
  'statistics',
];
/** `statistics` would be read as the word. */
const GROUPS = NAMES.filter((name) => name !== 'statistics');
const CALLEES = [
  'dense',
  'conv',
  'relu',
  'batch_norm',
  'flatten',
  'mean',
  'sum',
  'norm',
  'concat',
  'stop',
  'softmax',
  'log_softmax',
  'cross_entropy',
  'am_softmax',
  'mse',
  'dropout',
  'max_pool',
  'repeat',
  'residual',
  'one_hot',
  'slice',
  'reshape',
  'linear',
  'cosine',
  'exp',
  'log',
  'min',
  'max',
  'adam',
  'sgd',
  'a',
  'b',
  'f',
] as const;
const WORDS = [
  'where',
  'axis',
  'rate',
  'from',
  'to',
  'kernel',
  'stride',
  'bias',
  'all',
  'in',
  'smoothing',
  'm',
  's',
];
const NUMBERS = ['0', '1', '2', '3', '0.5', '1e-3', '1e9', '64', '1e-320', '9007199254740993', '0.1'];
const TEXTS = ['"./a.ed2l"', '"specs/ed2l.ed2l"', '""', '"ünï \\" \\\\ \\n"'];
const SETTINGS = [
  'batch',
  'epochs',
  'seed',
  'log',
  'source',
  'classes',
  'resize',
  'crops',
  'folds',
  'score',
  'seeds',
  'report',
  'augment',
  'b',
];

export function sentence(seed: number): string {
  return new Sentences(randomFrom(seed)).file();
}

class Sentences {
  /** What is left to spend on depth. */
  #fuel = 400;

  constructor(private readonly random: () => number) {}

  file(): string {
    return this.#list(1, 5, '\n', () => this.#item());
  }

  #below(n: number): number {
    return Math.floor(this.random() * n);
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)]!;
  }

  #maybe(make: () => string, chance = 0.4): string {
    return this.#fuel > 0 && this.random() < chance ? make() : '';
  }

  #list(least: number, most: number, separator: string, make: () => string): string {
    const count = this.#fuel > 0 ? least + this.#below(most - least + 1) : least;
    return Array.from({ length: count }, make).join(separator);
  }

  #one(...makers: readonly (() => string)[]): string {
    return this.#pick(makers)();
  }

  readonly #name = (): string => this.#pick(NAMES);
  readonly #names = (): string => this.#list(1, 3, ', ', this.#name);
  readonly #class = (): string => this.#pick([...NAMES, '0', '1', '2']);

  #path(): string {
    return this.#name() + this.#maybe(() => `.${this.#pick([...NAMES, ...WORDS])}`, 0.2);
  }

  #item(): string {
    return this.#one(
      () =>
        `import ${this.#one(this.#name, () => `{ ${this.#list(1, 2, ', ', () => this.#name() + this.#maybe(() => ` as ${this.#name()}`))} }`)} from ${this.#pick(TEXTS)}`,
      () => this.#block(),
      () => this.#model(),
      () => this.#model(),
      () => `data ${this.#name()} { ${this.#list(0, 5, '\n', () => this.#setting())} }`,
      () => `experiment ${this.#name()} { ${this.#list(0, 5, '\n', () => this.#line())} }`,
    );
  }

  #block(): string {
    const parameter = (): string => this.#name() + this.#maybe(() => ` = ${this.#expression()}`);
    const head = `block ${this.#name()}(${this.#list(0, 3, ', ', parameter)})${this.#maybe(() => `(${this.#names()})`)}`;
    const body = (): string =>
      `{ ${this.#list(0, 3, '\n', () => this.#value())} return ${this.#expression()} }`;
    return `${head} ${this.#one(() => `= ${this.#expression()}`, body)}`;
  }

  #model(): string {
    return `model ${this.#name()}${this.#maybe(() => ` extends ${this.#path()}`, 0.3)} {\n${this.#list(0, 9, '\n', () => this.#member())}\n}`;
  }

  #value(): string {
    return `${this.#name()} = ${this.#expression()}`;
  }

  #member(): string {
    const type = (): string =>
      this.#pick(['image', 'vector', 'class', 'subject', 'clip', 'b']) +
      this.#maybe(() => `[${this.#list(1, 3, ', ', () => this.#expression())}]`, 0.8);
    const from = (): string => this.#maybe(() => ` from ${this.#path()}`, 0.2);
    return this.#one(
      () => `${this.#pick(['hyper', 'noise', 'group', 'group', 'predict'])} ${this.#value()}`,
      () => this.#value(),
      () => `input ${this.#name()} : ${type()}${from()}`,
      () =>
        `label ${this.#name()} : ${type()}${this.#maybe(() => ` of ${this.#list(1, 3, ', ', this.#class)}`)}${from()}`,
      () =>
        `loss ${this.#name()}${this.#maybe(() => ` = ${this.#expression()}`, 0.8)}${this.#maybe(() => ` updates ${this.#list(1, 3, ', ', () => this.#target())}`, 0.8)}`,
      () => `remove ${this.#pick(['group', 'loss', 'step'])} ${this.#names()}`,
      () => `train ${this.#maybe(this.#name, 0.2)} { ${this.#list(0, 4, '\n', () => this.#trainItem())} }`,
    );
  }

  #target(): string {
    return (
      this.#one(this.#name, () => `(${this.#names()})`) +
      this.#maybe(() => ` by ${this.#sum()}`, 0.2) +
      this.#maybe(() => ` where ${this.#or()}`, 0.2) +
      this.#maybe(() => ` avoiding ${this.#name()}`, 0.1)
    );
  }

  #trainItem(): string {
    const minimize = (): string =>
      `minimize ${this.#expression()}${this.#list(1, 2, '', () => ` using ${this.#expression()}${this.#maybe(() => ` for ${this.#names()}`)}`)}`;
    return this.#one(
      minimize,
      () =>
        `step ${this.#name()} ${this.#maybe(() => `${this.#pick(['repeat', 'every'])} ${this.#expression()}`)} { ${minimize()} }`,
      // Without `statistics` in front a name of that word would be read as one.
      () => `freeze statistics ${this.#names()}`,
      () => `start ${this.#names()} from ${this.#one(this.#name, () => this.#pick(TEXTS))}`,
      () => this.#setting(),
    );
  }

  #line(): string {
    const on = (): string =>
      `on ${this.#list(1, 2, ', ', () => this.#maybe(() => `${this.#name()}: `) + this.#path())}`;
    const given = (): string => this.#maybe(() => ` with ${this.#list(1, 2, ', ', () => this.#value())}`);
    return this.#one(
      () => `model ${this.#path()}${given()}`,
      () =>
        `${this.#pick(['pretrain', 'train'])} ${on()}${given()}${this.#maybe(() => ` reset ${this.#pick(GROUPS)}, ${this.#names()}`)}${this.#maybe(() => ` remap ${this.#names()}`)}`,
      () => `test ${on()}`,
      () => this.#setting(),
    );
  }

  /** Its first value begins with a word that cannot be taken for a clause. */
  #setting(): string {
    return `${this.#pick(SETTINGS)} ${this.#pick([...CALLEES])}(${this.#arguments()})${this.#maybe(() => `, ${this.#expression()}`)}`;
  }

  #expression(): string {
    this.#fuel--;
    return this.#list(
      1,
      this.random() < 0.3 ? 4 : 1,
      ' |> ',
      () => this.#or() + this.#maybe(() => ` as ${this.#name()}`, 0.05),
    );
  }

  #or(): string {
    return this.random() < 0.9
      ? this.#sum()
      : this.#list(
          1,
          2,
          this.#pick([' or ', ' and ']),
          () => this.#maybe(() => 'not ', 0.3) + this.#comparison(),
        );
  }

  #comparison(): string {
    return this.#one(
      () => `${this.#sum()} ${this.#pick(['==', '!=', '<', '<=', '>', '>='])} ${this.#sum()}`,
      () => `${this.#sum()} is ${this.#class()}`,
      () => `${this.#sum()} in [${this.#list(1, 3, ', ', this.#class)}]`,
    );
  }

  #sum(): string {
    return this.#list(1, this.random() < 0.3 ? 3 : 1, this.#pick([' + ', ' - ', ' * ', ' / ']), () =>
      this.#unary(),
    );
  }

  #unary(): string {
    return this.#maybe(() => '-', 0.1) + this.#postfix() + this.#maybe(() => `^${this.#postfix()}`, 0.05);
  }

  #postfix(): string {
    if (this.#fuel <= 0 || this.random() < 0.4) return this.#one(this.#name, () => this.#pick(NUMBERS));
    return this.#one(
      () => `${this.#pick(CALLEES)}(${this.#arguments()})`,
      () => `${this.#pick(CALLEES)}(${this.#arguments()})`,
      () => `(${this.#expression()})`,
      () => `${this.#name()}.${this.#pick([...NAMES, ...WORDS])}`,
      () => `[${this.#list(0, 3, ', ', () => this.#expression())}]`,
      () => this.#pick([...TEXTS, 'true', 'false']),
    );
  }

  #arguments(): string {
    return this.#list(
      0,
      3,
      ', ',
      () => this.#maybe(() => `${this.#pick(WORDS)}: `, 0.3) + this.#expression(),
    );
  }
}
