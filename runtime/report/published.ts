/** @file The accuracies that the paper prints (Bai et al., PRICAI 2019, Tables 2 to 5), in percent, row by row as they stand there. Nothing here was measured by this program. */

export interface PublishedRow {
  readonly method: string;
  /** In the paper's list of references; null: the paper's own. */
  readonly reference: number | null;
  readonly percent: number;
  /** The paper's own rows: which network, and whether it was pretrained on FER2013. */
  readonly own?: { readonly network: 'baseline' | 'ed2l'; readonly finetuned: boolean };
}

export interface PublishedTable {
  readonly number: number;
  /** The source of data that a run must have to stand beside it. */
  readonly source: string;
  readonly database: string;
  readonly rows: readonly PublishedRow[];
}

const other = (method: string, reference: number, percent: number): PublishedRow => {
  return { method, reference, percent };
};

/** Without and with fine-tuning. */
const own = (
  [baselineWithout, baselineWith]: readonly [number, number],
  [oursWithout, oursWith]: readonly [number, number],
): PublishedRow[] => [
  ownRow('Baseline (w.o.)', baselineWithout, 'baseline', false),
  ownRow('Baseline (w.)', baselineWith, 'baseline', true),
  ownRow('Ours (w.o.)', oursWithout, 'ed2l', false),
  ownRow('Ours (w.)', oursWith, 'ed2l', true),
];

const ownRow = (
  method: string,
  percent: number,
  network: 'baseline' | 'ed2l',
  finetuned: boolean,
): PublishedRow => ({ method, reference: null, percent, own: { network, finetuned } });

export const PUBLISHED: readonly PublishedTable[] = [
  {
    number: 2,
    source: 'ck_plus',
    database: 'CK+',
    rows: [
      other('LBP-TOP', 4, 88.99),
      other('3DCNN', 23, 85.9),
      other('STM-Explet', 24, 94.19),
      other('IACNN', 7, 95.37),
      other('DTAGN-Joint', 8, 97.25),
      other('DeRL', 9, 97.3),
      ...own([94.19, 94.5], [96.33, 97.86]),
    ],
  },
  {
    number: 3,
    source: 'mmi',
    database: 'MMI',
    rows: [
      other('LBP-TOP', 4, 59.51),
      other('STM-Explet', 24, 75.12),
      other('DTAGN-Joint', 8, 70.24),
      other('IACNN', 7, 71.55),
      other('DeRL', 9, 73.23),
      ...own([62.68, 76.56], [72.73, 80.38]),
    ],
  },
  {
    number: 4,
    source: 'bu_3dfe',
    database: 'BU-3DFE',
    rows: [
      other('Wang et al.', 25, 61.79),
      other('Berretti et al.', 26, 77.54),
      other('Yang et al.', 27, 84.8),
      other('Li et al.', 28, 86.32),
      other('Lopes', 29, 72.89),
      other('DeRL', 9, 84.17),
      ...own([86.0, 87.17], [87.83, 88.67]),
    ],
  },
  {
    number: 5,
    source: 'oulu_casia',
    database: 'Oulu-CASIA',
    rows: [
      other('LBP-TOP', 4, 68.13),
      other('STM-Explet', 24, 74.59),
      other('Atlases', 30, 75.52),
      other('DTAGN-Joint', 8, 81.46),
      other('PPDN', 31, 84.59),
      other('DeRL', 9, 88.0),
      ...own([83.96, 84.58], [85.21, 87.71]),
    ],
  },
];
