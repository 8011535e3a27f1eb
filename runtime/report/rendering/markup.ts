/** @file Elements of HTML and SVG as text, well formed as XML: attributes quoted, empty elements closed, everything else escaped. */

export type Attributes = Readonly<Record<string, string | number | undefined>>;

export const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** `children` are markup already. */
export function element(name: string, attributes: Attributes = {}, ...children: readonly string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escape(String(value))}"`)
    .join('');
  return children.length === 0 && VOID.has(name)
    ? `<${name}${written}/>`
    : `<${name}${written}>${children.join('')}</${name}>`;
}

/** Those that have no content. */
const VOID = new Set(['br', 'meta', 'rect', 'circle', 'line', 'path', 'polyline', 'image', 'col']);

/** A coordinate with as many digits as one can see. */
export const at = (value: number): number => Math.round(value * 100) / 100;
