const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];
const SHOWN_COUNT = 5;

/** `512 B`, `1.2 kB`, `640 MB`, in decimal units as the settings have them. */
export function bytesInWords(bytes: number): string {
  const at = Math.min(BYTE_UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const amount = bytes / 1000 ** at;
  return `${amount < 10 ? Math.round(amount * 10) / 10 : Math.round(amount)} ${BYTE_UNITS[at]}`;
}

/** Whole percent of a share of 0 to 1; tenths below one. */
export function percentInWords(share: number): string {
  const percent = 100 * share;
  return `${percent > 0 && percent < 1 ? Math.round(percent * 10) / 10 : Math.round(percent)} %`;
}

/** `a, b, c and 4 more`. */
export function someOf(names: readonly string[]): string {
  const rest = names.length - SHOWN_COUNT;
  if (rest <= 0) return names.join(', ');
  return `${names.slice(0, SHOWN_COUNT).join(', ')} and ${rest} more`;
}

/** `1 panel`, `3 panels`. */
export function countInWords(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
