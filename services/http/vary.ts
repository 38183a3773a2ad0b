/** Vary with one more field name: others (CORS) may have set theirs. */
export function varyWith(vary: unknown, fieldName: string): string {
  if (typeof vary !== 'string' || vary.trim() === '') return fieldName;
  const names = vary.split(',').map((name) => name.trim().toLowerCase());
  return names.includes('*') || names.includes(fieldName.toLowerCase()) ? vary : `${vary}, ${fieldName}`;
}
