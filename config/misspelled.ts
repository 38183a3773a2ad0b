/** What Kubernetes puts into the environment for a service that is itself called dashcache. */
const INJECTED = /^DASHCACHE_(?:SERVICE_|PORT(?:_|$))/;
/** Short names (PORT, HOST, AUTH) are near too many variables of others. */
const SHORTEST_COMPARED = 7;
const LARGEST_DISTANCE = 2;

/** Warnings about variables that were probably meant to be ours: METRICS_TIMEOUTS, REDIS_URI. */
export function misspelled(present: readonly string[], ours: ReadonlySet<string>): string[] {
  const compared = [...ours].filter((name) => name.length >= SHORTEST_COMPARED);
  const warnings: string[] = [];
  for (const name of present) {
    if (ours.has(name) || INJECTED.test(name)) continue;
    const near = nearest(name, compared);
    if (near) warnings.push(`${name} is not a setting and has no effect; ${near} was probably meant`);
    else if (name.startsWith('DASHCACHE_')) warnings.push(`${name} is not a setting and has no effect`);
  }
  return warnings.sort();
}

/** The candidate that differs least from a name, by two letters at most; null when there is none. */
export function nearest(name: string, candidates: readonly string[]): string | null {
  let best: { candidate: string; distance: number } | null = null;
  for (const candidate of candidates) {
    const distance = editDistance(name, candidate);
    if (distance <= LARGEST_DISTANCE && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) {
      best = { candidate, distance };
    }
  }
  return best?.candidate ?? null;
}

/** Letters to add, drop or change until one text is the other. */
export function editDistance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > LARGEST_DISTANCE) return LARGEST_DISTANCE + 1;
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const changed = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
