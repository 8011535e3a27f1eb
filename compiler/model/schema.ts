/** @file The JSON schema of the model IR as it is stored (docs/ir.md). Published as docs/model.schema.json; ajv enforces it on every load. */

import { ROLES } from './ir.js';
import {
  coefficient,
  graph,
  list,
  name,
  nullable,
  object,
  positive,
  shape,
  span,
  text,
  whole,
} from './schema-parts.js';

const sizes = { type: 'array', items: positive } as const;
const nullableText = nullable(text);

const rational = { type: 'string', pattern: '^-?[0-9]+(/[0-9]+)?$' } as const;

const scalarExpression = {
  type: 'object',
  required: ['kind'],
  discriminator: { propertyName: 'kind' },
  oneOf: [
    object({ kind: { const: 'fixed' }, value: rational }),
    object({ kind: { const: 'variable' }, name: { enum: ['epoch', 'iteration', 'progress'] } }),
    object({ kind: { const: 'scalar' }, name: text }),
    object({ kind: { const: 'call' }, name: text, arguments: list({ $ref: '#/$defs/scalarExpression' }) }),
    object({
      kind: { const: 'plateau' },
      from: { $ref: '#/$defs/scalarExpression' },
      loss: name,
      factor: rational,
      patience: whole,
    }),
  ],
};
const scalar = { $ref: '#/$defs/scalarExpression' };

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
  decayOn: list({ enum: ROLES }),
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
    hypers: list(
      object({
        name,
        value: { anyOf: [scalar, { type: ['boolean', 'string'] }] },
        scheduled: { type: 'boolean' },
        span,
      }),
    ),
    scalars: list(object({ name: text, value: scalar, span }, ['span'])),
    inputs: list(
      object({
        name,
        kind: { enum: ['image', 'vector', 'clip', 'tensor'] },
        shape,
        stream: nullableText,
        field: nullableText,
        value: whole,
        span,
      }),
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
        parameters: list(
          object({
            path: text,
            shape: sizes,
            role: { enum: ROLES },
            init,
          }),
        ),
        statistics: list(object({ path: text, shape: sizes, initial: { enum: [0, 1] } })),
        span,
      }),
    ),
    graph,
    values: list(object({ name: text, value: whole, span })),
    losses: list(
      object({
        name,
        value: whole,
        route: list(
          object({ group: name, by: coefficient, mask: object({ value: whole, text }), span }, ['mask']),
        ),
        span,
      }),
    ),
    predictions: list(object({ name, value: whole, label: nullableText, span })),
    stages: list(
      object({
        name: nullableText,
        batch: positive,
        epochs: positive,
        seed: whole,
        frozen: list(name),
        frozenStatistics: list(name),
        start: list(
          object({
            groups: list(name),
            from: object({ kind: { enum: ['group', 'stage', 'file'] }, name: text }),
            span,
          }),
        ),
        steps: list(step),
        log: list(object({ name: text, value: whole })),
        span,
      }),
    ),
  }),
};
