/** Numbers in [0, 1) that depend on the seed alone (a 32-bit mixing counter: fine for traffic, not for secrets). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 0x1_0000_0000;
  };
}

/** An index below `count`, the first ones most often: the n-th in proportion to 1/n (Zipf). */
export function zipfIndex(random: () => number, count: number): number {
  const weights = Array.from({ length: count }, (_, index) => 1 / (index + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let rest = random() * total;
  const found = weights.findIndex((weight) => {
    rest -= weight;
    return rest < 0;
  });
  return found === -1 ? count - 1 : found;
}

/** A lognormal number with this median: mostly near it, now and then much longer, as pauses of people are. */
export function lognormal(random: () => number, median: number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(sigma * normal);
}
