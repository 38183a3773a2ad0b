import { LRUCache } from 'lru-cache';

/** There are hardly more than one for each field. */
const made = new LRUCache<string, string>({ max: 100 });

/** Vary with one more field name: others (CORS) may have set theirs. */
export function varyWith(vary: unknown, fieldName: string): string {
  if (typeof vary !== 'string') return fieldName;
  const key = `${vary}\n${fieldName}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const varyMade = makeVary(vary, fieldName);
  made.set(key, varyMade);
  return varyMade;
}

function makeVary(vary: string, fieldName: string): string {
  if (vary.trim() === '') return fieldName;
  const names = vary.split(',').map((name) => name.trim().toLowerCase());
  return names.includes('*') || names.includes(fieldName.toLowerCase()) ? vary : `${vary}, ${fieldName}`;
}
