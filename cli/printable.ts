/**
 * Everything that moves a cursor, changes a colour, rings, or turns the order of what is read: data must not command the
 * terminal that shows it.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The text with its control characters written out. */
export function printableText(text: string): string {
  return text.replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A copy of a JSON document, each of whose strings may be shown on a terminal. */
export function printable<T extends object>(document: T): T {
  return JSON.parse(JSON.stringify(document), (_name, value: unknown) =>
    typeof value === 'string' ? printableText(value) : value,
  );
}
