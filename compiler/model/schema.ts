/** @file The JSON schema of the model IR as it is stored (docs/ir.md). Published as docs/model.schema.json; ajv enforces it on every load. */

const text = { type: 'string' } as const;
const name = { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' } as const;
const whole = { type: 'integer', minimum: 0 } as const;
const positive = { type: 'integer', minimum: 1 } as const;
const nullableText = { type: ['string', 'null'] } as const;
const span = object({ source: text, start: whole, end: whole });
const coefficient = object({ coefficient: { type: 'string', pattern: '^[-A-Za-z0-9_.*^/]+$' } });
const shape = { type: 'array', items: { anyOf: [{ const: 'batch' }, whole] } } as const;
const sizes = { type: 'array', items: positive } as const;

/** Every property required unless listed as optional; nothing else allowed. */
function object(properties: Record<string, unknown>, optional: readonly string[] = []): Record<string, unknown> {
  const required = Object.keys(properties).filter((key) => !optional.includes(key));
  return { type: 'object', properties, required, additionalProperties: false };
}

const list = (items: unknown): Record<string, unknown> => ({ type: 'array', items });

const scalarExpression = {
  type: 'object',
  required: ['kind'],
  discriminator: { propertyName: 'kind' },
  oneOf: [
    object({ kind: { const: 'fixed' }, value: { type: 'string', pattern: '^-?[0-9]+(/[0-9]+)?$' } }),
    object({ kind: { const: 'variable' }, name: { enum: ['epoch', 'iteration', 'progress'] } }),
    object({ kind: { const: 'scalar' }, name: text }),
    object({ kind: { const: 'call' }, name: text, arguments: list({ $ref: '#/$defs/scalarExpression' }) }),
  ],
};
const scalar = { $ref: '#/$defs/scalarExpression' };

const attr = { anyOf: [{ type: ['number', 'string', 'boolean'] }, shape, list(text), coefficient] };
const node = object(
  {
    op: text,
    inputs: list(whole),
    outputs: list(whole),
    attrs: { type: 'object', additionalProperties: attr },
    origin: object({ span, from: text, carrier: text }, ['span', 'carrier']),
    group: text,
    piece: text,
    application: whole,
    name: text,
  },
  ['group', 'piece', 'application', 'name'],
);
const graph = object({
  nodes: list(node),
  values: list(object({ dtype: { enum: ['f32', 'i32', 'bool'] }, shape })),
  outputs: list(object({ role: { enum: ['loss', 'value', 'predict', 'state', 'gradient'] }, name: text, value: whole })),
});

const init = {
  type: 'object',
  required: ['kind'],
  discriminator: { propertyName: 'kind' },
  oneOf: [
    object({ kind: { const: 'he' }, slope: { type: 'number' }, fanIn: positive }),
    object({ kind: { const: 'xavier' }, fanIn: positive, fanOut: positive }),
    object({ kind: { const: 'gaussian' }, sd: { type: 'number', minimum: 0 } }),
    object({ kind: { const: 'constant' }, value: { type: 'number' } }),
  ],
};

const optimizer = object({
  kind: { enum: ['sgd', 'adam', 'rmsprop'] },
  rate: scalar,
  options: { type: 'object', additionalProperties: scalar },
  nesterov: { type: 'boolean' },
  decoupled: { type: 'boolean' },
  decayOn: { enum: ['all', 'kernels'] },
  groups: list(name),
  span,
});

const step = object({
  name,
  repeat: positive,
  every: positive,
  objective: list(object({ loss: name, coefficient })),
  optimizers: list(optimizer),
  span,
});

export const modelSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'ED²L model IR, version 1',
  $defs: { scalarExpression },
  ...object({
    format: { const: 'ed2l-model' },
    version: { const: 1 },
    name,
    hypers: list(object({ name, value: { anyOf: [scalar, { type: ['boolean', 'string'] }] }, scheduled: { type: 'boolean' }, span })),
    scalars: list(object({ name: text, value: scalar, span }, ['span'])),
    inputs: list(
      object({ name, kind: { enum: ['image', 'vector', 'clip', 'tensor'] }, shape, stream: nullableText, field: nullableText, value: whole, span }),
    ),
    labels: list(
      object(
        {
          name,
          kind: { enum: ['class', 'multilabel', 'real', 'subject'] },
          classes: list(text),
          stream: nullableText,
          field: nullableText,
          value: whole,
          span,
        },
        ['value'],
      ),
    ),
    groups: list(
      object({
        name,
        parameters: list(object({ path: text, shape: sizes, role: { enum: ['kernel', 'bias', 'gamma', 'beta', 'slope'] }, init })),
        statistics: list(object({ path: text, shape: sizes, initial: { enum: [0, 1] } })),
        span,
      }),
    ),
    graph,
    values: list(object({ name: text, value: whole, span })),
    losses: list(object({ name, value: whole, route: list(object({ group: name, by: coefficient, span })), span })),
    predictions: list(object({ name, value: whole, label: nullableText, span })),
    stages: list(
      object({
        name: nullableText,
        batch: positive,
        epochs: positive,
        seed: whole,
        frozen: list(name),
        frozenStatistics: list(name),
        steps: list(step),
        log: list(object({ name: text, value: whole })),
        span,
      }),
    ),
  }),
};
