/** The tokens of a JSON pointer (RFC 6901), none for the whole document; or what is wrong with it. */
export function parseJsonPointer(text: string): readonly string[] | { fault: string; hint?: string } {
  if (text === '') return [];
  if (!text.startsWith('/'))
    return {
      fault: 'a JSON pointer begins with /',
      hint: `did you mean "/${text.replace(/^\$?\.?/, '').replaceAll('.', '/')}"?`,
    };
  if (/~(?![01])/.test(text))
    return { fault: '~ means nothing alone in a JSON pointer', hint: 'write ~0 for ~ and ~1 for /' };
  return text
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}
