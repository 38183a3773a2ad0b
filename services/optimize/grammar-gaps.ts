import type { Language } from './syntax.js';

/** What is right in TypeScript and unknown to the grammar, none of it code that counts. */
const GAPS: Readonly<Record<Language, readonly RegExp[]>> = {
  python: [],
  typescript: [/(?<=\bexport )type(?= \*)/g, /(?<=\btypeof )import\(\s*(["'])[^"'\n]*\1\s*\)/g],
  tsx: [
    /(?<=\bexport )type(?= \*)/g,
    /(?<=\btypeof )import\(\s*(["'])[^"'\n]*\1\s*\)/g,
    // `&` that begins no entity: in the value of an attribute, in the text of an element.
    /(?<=[\w-]=)"[^"\n]*&[^"\n]*"/g,
    /(?<=>)[^<>{}();='"]*&[^<>{}();='"]*(?=<\/)/g,
  ],
};

/** The text with such places made harmless, unit by unit, so that every offset stays; for a second try at parsing. */
export function withoutGrammarGaps(language: Language, text: string): string {
  return GAPS[language].reduce(
    (masked, gap) =>
      masked.replace(gap, (found) =>
        found === 'type'
          ? '    '
          : found.startsWith('import')
            ? 'I'.repeat(found.length)
            : found.replaceAll('&', '_'),
      ),
    text,
  );
}

/** With the type arguments of the calls that matter as spaces: the grammar takes `await a.b<C>(d)` for two comparisons. */
export function withoutTypeArguments(text: string): string {
  return text.replace(
    /(?<=\b(?:getRepository|getTreeRepository|count|countBy|createQueryBuilder))<[\w.\s,|[\]]+>(?=\()/g,
    (found) => found.replace(/[^\n\r]/g, ' '),
  );
}
