/** @file What a report says, as data: the content of `data.json`, and all that its pages, figures and tables are drawn from. */
import type { Interval } from '../evaluation/bootstrap.js';
import type { StoredChoice } from '../experiment/select.js';
import type { Task } from '../experiment/tasks.js';
import type { ExperimentIR } from '../../compiler/model/experiment.js';

export interface ReportData {
  readonly format: 'ed2l-report';
  readonly version: 1;
  /** Of this program. */
  readonly program: string;
  readonly made: string;
  /** Its numbers are no evidence: small data, short training, a test of the whole way. */
  readonly rehearsal: boolean;
  readonly runs: readonly RunReport[];
  readonly tables: readonly ComparedTable[];
}

export interface RunReport {
  /** The last part of the directory; unique in a report. */
  readonly name: string;
  readonly directory: string;
  readonly experiment: string;
  readonly model: string;
  readonly network: 'baseline' | 'ed2l' | 'other';
  readonly spec: string | null;
  readonly settings: Readonly<Record<string, string>>;
  readonly engine: string;
  readonly program: string;
  readonly started: string;
  readonly ended: string;
  readonly stages: readonly {
    readonly verb: 'pretrain' | 'train';
    readonly data: string;
    readonly source: string;
    readonly epochs: number;
  }[];
  /** What is judged, where it is not what was trained on last. */
  readonly testData: string | null;
  /** All images that it learns from and is judged on are drawn. */
  readonly synthetic: boolean;
  /** Parts of the last stage's data; null where they are not counted in the spec. */
  readonly folds: number | null;
  readonly tasks: { readonly done: readonly Task[]; readonly missing: readonly Task[] };
  readonly score: ExperimentIR['score'];
  readonly select: StoredChoice;
  readonly classes: readonly string[];
  /** null: it predicts no class, or nothing was held out. */
  readonly accuracy: RunAccuracy | null;
  readonly confusion: Confusion | null;
  readonly curves: readonly Curve[];
  /** The losses and the groups they update, of the last stage. */
  readonly routes: RouteNorms | null;
  readonly embeddings: readonly Embedding[];
  readonly heatMaps: readonly HeatMaps[];
  readonly probes: Probes | null;
  /** Items that were asked for and could not be made, and why. */
  readonly left: readonly string[];
}

export interface Share {
  /** From 0 to 1. */
  readonly accuracy: number;
  readonly right: number;
  readonly n: number;
}

export interface RunAccuracy {
  /** Mean over seeds. */
  readonly mean: number;
  /** 95 %, of that mean, over people. */
  readonly interval: Interval;
  readonly people: number;
  /** Standard deviation over seeds (n - 1); null for one seed. */
  readonly deviation: number | null;
  readonly macroF1: number;
  /** Per class, over all seeds; null where no sample has it. */
  readonly recall: readonly (number | null)[];
  readonly seeds: readonly SeedAccuracy[];
}

export interface SeedAccuracy extends Share {
  readonly seed: number;
  readonly interval: Interval;
  readonly macroF1: number;
  readonly folds: readonly (Share & { readonly fold: number | null })[];
}

/** [true class][decided class], of all folds and seeds together. */
export interface Confusion {
  readonly counts: readonly (readonly number[])[];
  /** Each row divided by its sum; null for a class that no sample has. */
  readonly shares: readonly (readonly number[] | null)[];
}

/** Means over epochs of one loss or logged value. */
export interface Curve {
  /** From 1. */
  readonly stage: number;
  readonly term: string;
  readonly epochs: readonly number[];
  /** By epoch, over trainings; null where none has a number. */
  readonly mean: readonly (number | null)[];
  readonly trainings: readonly {
    readonly seed: number;
    readonly fold: number | null;
    readonly values: readonly (number | null)[];
  }[];
}

export interface ComparedTable {
  /** In the paper. */
  readonly number: number;
  readonly database: string;
  readonly rows: readonly ComparedRow[];
}

export interface ComparedRow {
  readonly method: string;
  readonly reference: number | null;
  /** Percent, as printed; null for what the paper does not have. */
  readonly published: number | null;
  readonly measured: {
    readonly run: string;
    readonly accuracy: number;
    readonly interval: Interval;
    readonly n: number;
    readonly people: number;
    readonly seeds: number;
    /** Every fold of every seed is judged. */
    readonly whole: boolean;
  } | null;
}

/** The route matrix of each training step with measured gradient norms. */
export interface RouteNorms {
  /** Whose parameters. */
  readonly task: Task;
  readonly batches: number;
  readonly samples: number;
  readonly steps: readonly {
    readonly step: string;
    readonly groups: readonly string[];
    readonly frozen: readonly string[];
    readonly rows: readonly {
      readonly loss: string;
      /** In the objective. */
      readonly weight: string;
      /** Weight times coefficient, as the spec has it; null: no route, so no gradient exists. */
      readonly cells: readonly (string | null)[];
      /** Mean over batches of the norm of the weighted gradient. */
      readonly norms: readonly (number | null)[];
    }[];
  }[];
}

/** Features of held-out images in two dimensions. */
export interface Embedding {
  readonly value: string;
  readonly task: Task;
  readonly perplexity: number;
  readonly iterations: number;
  /** Images that the fold holds out; more than are shown where they are many. */
  readonly of: number;
  readonly points: readonly {
    readonly sample: string;
    readonly subject: string;
    /** Index of its class. */
    readonly label: number;
    readonly x: number;
    readonly y: number;
  }[];
}

/** Maps of a network over faces. */
export interface HeatMaps {
  readonly task: Task;
  readonly sum: 'signed' | 'absolute';
  readonly scale: 'image' | 'pair';
  /** Of the faces, in pixels. */
  readonly height: number;
  readonly width: number;
  readonly faces: readonly {
    readonly sample: string;
    readonly subject: string;
    readonly label: number;
    /** A PNG, base64. */
    readonly image: string;
    readonly maps: readonly HeatMap[];
  }[];
}

export interface HeatMap {
  readonly value: string;
  readonly height: number;
  readonly width: number;
  /** Summed over channels, from 0 to 1, row by row. */
  readonly values: readonly number[];
  /** Of the size of the face, a PNG, base64. */
  readonly image: string;
}

/** What fresh classifiers read. */
export interface Probes {
  readonly tasks: readonly Task[];
  readonly rows: readonly ProbeRow[];
}

/** A multinomial regression, or a network with one hidden layer. */
export type ProbeKind = 'linear' | 'hidden';

export interface ProbeRow {
  readonly features: string;
  readonly label: string;
  readonly kind: ProbeKind;
  readonly classes: number;
  readonly n: number;
  /** By training: of always naming the most frequent class of the images learned from. */
  readonly chance: readonly number[];
  /** By training. */
  readonly accuracy: readonly number[];
  /** The same with labels drawn anew within each person: what is read of nothing. */
  readonly control: readonly number[];
  /** From the same value of the network as it was before training; empty for pixels. */
  readonly untrained: readonly number[];
}
