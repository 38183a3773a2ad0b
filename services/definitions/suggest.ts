/** Longest text worth comparing: nobody misspells more than this, and the comparison is quadratic. */
const COMPARED_LENGTH_COUNT = 64;

/** The candidate that was probably meant by a misspelt word, or null when none is near enough. */
export function suggest(word: string, candidates: Iterable<string>): string | null {
  let best: string | null = null;
  const compared = normal(word);
  let bestDistance = Math.max(1, Math.floor(compared.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(compared, normal(candidate));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `maxRows`, `max-rows` and `max_rows` differ in habit, not in meaning. */
function normal(word: string): string {
  return word
    .slice(0, COMPARED_LENGTH_COUNT)
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
}

/** Levenshtein distance, with two neighbouring letters exchanged counted as one mistake. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      const exchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (exchanged) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
