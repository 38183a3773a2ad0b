import { seededRandom } from '../audit/seeded-random.js';

/** A panel, its addresses (one for each tenant), and how often it was read. */
export interface ReadPanel {
  readonly addresses: readonly string[];
  readonly readsCount: number;
}

/**
 * Addresses as readers ask for them where no log tells: panels as often as they were read, all alike where none was, the
 * tenants alike. The seed decides which.
 */
export function likelyReads(
  panels: readonly ReadPanel[],
  { count, seed }: { count: number; seed: number },
): string[] {
  const random = seededRandom(seed);
  const asked = panels.filter(({ addresses }) => addresses.length > 0);
  const total = asked.reduce((sum, { readsCount }) => sum + readsCount, 0);
  const weightOf = ({ readsCount }: ReadPanel) => (total === 0 ? 1 : readsCount);
  const weights = asked.reduce((sum, panel) => sum + weightOf(panel), 0);
  const reads: string[] = [];
  while (reads.length < count && weights > 0) {
    let rest = random() * weights;
    const drawn = asked.find((panel) => {
      rest -= weightOf(panel);
      return rest < 0;
    });
    const address = drawn?.addresses[Math.floor(random() * drawn.addresses.length)];
    if (address !== undefined) reads.push(address);
  }
  return reads;
}
