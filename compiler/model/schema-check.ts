/** @file Data against a JSON schema. Apart from the rest, for ajv takes its time to load. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { ModelFormatError } from './format-error.js';

/** Throws ModelFormatError for data that does not follow the schema, which is compiled at first use. */
export function schemaCheck(what: string, schema: object): (data: unknown) => void {
  let validate: ValidateFunction | undefined;
  return (data) => {
    validate ??= new Ajv({
      strict: true,
      strictTypes: false,
      strictRequired: false,
      discriminator: true,
      allowUnionTypes: true,
    }).compile(schema);
    if (!validate(data)) throw new ModelFormatError(what, describeSchemaErrors(validate.errors));
  };
}

function describeSchemaErrors(errors: readonly ErrorObject[] | null | undefined): string[] {
  return (errors ?? []).slice(0, 5).map((e) => `${e.instancePath || 'the file'} ${e.message ?? 'is wrong'}`);
}
