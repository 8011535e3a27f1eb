/** @file Elements and attributes of a small XML file. No declared entity is ever expanded, and no other file is read. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';

export interface XmlElement {
  /** In lower case, as are the names of the attributes. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

const ATTRIBUTES = ':@';

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseAttributeValue: false,
  parseTagValue: false,
  processEntities: false,
});

/** All elements in the order of the text, or what is wrong with it. */
export function elementsOf(text: string): readonly XmlElement[] | { readonly wrong: string } {
  // A document type is where entities are declared that grow without end; no file of a database has one.
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) return { wrong: 'it declares a document type, which is not read' };
  try {
    const valid = XMLValidator.validate(text);
    if (valid !== true) return { wrong: `line ${valid.err.line} is not well-formed: ${valid.err.msg}` };
    const found: XmlElement[] = [];
    const left = [...(parser.parse(text) as Node[])].reverse();
    while (left.length > 0) {
      const node = left.pop()!;
      for (const [name, value] of Object.entries(node)) {
        if (name === ATTRIBUTES || !Array.isArray(value)) continue;
        const attributes = Object.entries(node[ATTRIBUTES] ?? {});
        found.push({
          name: name.toLowerCase(),
          attributes: new Map(attributes.map(([key, text]) => [key.toLowerCase(), String(text)])),
        });
        left.push(...[...(value as Node[])].reverse());
      }
    }
    return found.length > 0 ? found : { wrong: 'it has no elements' };
  } catch (error) {
    return { wrong: `it is no XML: ${(error as Error).message.split('\n')[0]}` };
  }
}

type Node = Readonly<Record<string, unknown>> & { readonly [ATTRIBUTES]?: Readonly<Record<string, unknown>> };
