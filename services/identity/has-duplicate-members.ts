/**
 * Whether an object anywhere in a text of valid JSON names a member twice. JSON.parse keeps the last one, other readers the first:
 * who signed such a text and who believes it may not mean the same.
 */
export function hasDuplicateMembers(json: string): boolean {
  const open: (Set<string> | null)[] = [];
  for (const [token, isName] of json.matchAll(/"(?:[^"\\]|\\.)*"([ \t\r\n]*:)?|[{}[\]]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (isName !== undefined) {
      // Escapes are another spelling of the same name.
      const name = String(JSON.parse(token.slice(0, token.length - isName.length)));
      const names = open.at(-1);
      if (names?.has(name)) return true;
      names?.add(name);
    }
  }
  return false;
}
