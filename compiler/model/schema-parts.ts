/** @file The words that the JSON schemas of this compiler are written in. */

export const text = { type: 'string' } as const;
export const number = { type: 'number' } as const;
export const name = { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' } as const;
export const whole = { type: 'integer', minimum: 0 } as const;
export const positive = { type: 'integer', minimum: 1 } as const;

/** Every property required unless listed as optional; nothing else allowed. */
export function object(
  properties: Record<string, unknown>,
  optional: readonly string[] = [],
): Record<string, unknown> {
  const required = Object.keys(properties).filter((key) => !optional.includes(key));
  return { type: 'object', properties, required, additionalProperties: false };
}

export const list = (items: unknown): Record<string, unknown> => ({ type: 'array', items });
export const nullable = (schema: unknown): Record<string, unknown> => ({ anyOf: [schema, { type: 'null' }] });
/** Objects told apart by their `kind`. */
export const oneOf = (...kinds: object[]): object => ({
  type: 'object',
  required: ['kind'],
  discriminator: { propertyName: 'kind' },
  oneOf: kinds,
});

export const span = object({ source: text, start: whole, end: whole });

/** Exact numbers with their run-time scalars, `{"coefficient": "1/10*rate"}`. */
export const coefficient = object({ coefficient: { type: 'string', pattern: '^[-A-Za-z0-9_.*^/]+$' } });
export const shape = { type: 'array', items: { anyOf: [{ const: 'batch' }, whole] } } as const;

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
export const graph = object({
  nodes: list(node),
  values: list(object({ dtype: { enum: ['f32', 'i32', 'bool'] }, shape })),
  outputs: list(
    object({
      role: { enum: ['loss', 'mask', 'value', 'predict', 'state', 'gradient'] },
      name: text,
      value: whole,
    }),
  ),
});
