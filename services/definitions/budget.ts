/** `400/min` as queries in a minute; null when it is not written so. */
export function parseBudget(text: string): number | null {
  const match = /^([1-9][0-9]{0,6})\/min$/.exec(text);
  return match ? Number(match[1]) : null;
}
