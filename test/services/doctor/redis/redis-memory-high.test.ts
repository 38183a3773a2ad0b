import t from 'tap';
import type { Gathered } from '../../../../services/doctor/facts.js';
import { redisMemoryHigh } from '../../../../services/doctor/redis/redis-memory-high.js';
import { runChecks } from '../../../../services/doctor/run-checks.js';
import { but, factOf, goodFacts, redisNode } from '../support/good-facts.js';

const OURS = {
  bytes: 590_000_000,
  entries: 900_000,
  values_bytes: 500_000_000,
  ledger_bytes: 0,
  other_bytes: 0,
  max_bytes: 1e9,
  target_bytes: 1e8,
};

async function found(
  t: Parameters<typeof goodFacts>[0],
  {
    usedBytes,
    residentBytes = usedBytes,
    ours = OURS,
  }: { usedBytes: number; residentBytes?: number; ours?: typeof OURS | null },
) {
  const good = await goodFacts(t);
  const node = redisNode(`used_memory:${usedBytes}\nused_memory_rss:${residentBytes}\n`);
  const spoiled: Gathered = {
    ...but(good, { redis: { ...factOf(good, 'redis'), nodes: [node] } }),
    statistics:
      ours === null
        ? { known: false, reason: 'nobody tells' }
        : { known: true, value: { ...factOf(good, 'statistics'), redis: ours } },
  };
  return runChecks([redisMemoryHigh], spoiled).findings;
}

t.test('up to 500 MB nothing is said, beyond it the cause and its step', async (t) => {
  t.same(await found(t, { usedBytes: 500_000_000 }), []);
  const cases: readonly (readonly [Parameters<typeof found>[1], RegExp, RegExp])[] = [
    [{ usedBytes: 600_000_000 }, /ours are 590 MB in 900000 entries.*allows 1 GB/, /lower REDIS_MAX_BYTES/],
    [
      { usedBytes: 300_000_000, residentBytes: 700_000_000 },
      /700 MB for 300 MB.*fragmentation/,
      /activedefrag/,
    ],
    [
      { usedBytes: 600_000_000, ours: { ...OURS, bytes: 6e7 } },
      /ours are 60 MB: the other 90 %/,
      /a Redis of its own/,
    ],
    [
      { usedBytes: 600_000_000, ours: { ...OURS, entries: 500 } },
      /500 entries of ours have 1 MB each/,
      /fewer rows/,
    ],
    [{ usedBytes: 600_000_000, ours: null }, /nobody can tell/, /CACHE_MONITORING=true/],
  ];
  for (const [memory, evidence, fix] of cases)
    t.match(await found(t, memory), [{ check: 'redis-memory-high', severity: 'warning', evidence, fix }]);
});
