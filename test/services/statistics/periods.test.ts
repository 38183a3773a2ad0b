import t from 'tap';
import { type DayRecord, dayOf } from '../../../services/statistics/day-record.js';
import { Histogram } from '../../../services/statistics/histogram.js';
import type { MinuteRecord } from '../../../services/statistics/minute-record.js';
import { periods } from '../../../services/statistics/periods.js';

/** 2026-11-16, a Monday. */
const MONDAY = 20_773;
const MINUTES_OF_DAY = 1440;

function minute(
  minute: number,
  figures: Partial<MinuteRecord> & { durationsMs?: number[] } = {},
): MinuteRecord {
  const { durationsMs = [], ...rest } = figures;
  const l1 = new Histogram();
  for (const ms of durationsMs) l1.record(ms);
  const none = {
    requests: 0,
    hits: 0,
    misses: 0,
    bypasses: 0,
    errors: 0,
    stale_hits: 0,
    source_queries: 0,
    cache_errors: 0,
  };
  return {
    minute,
    ...none,
    l1: l1.encode(),
    l2: '~0',
    source: '~0',
    dashboard: '~0',
    l1_bytes: 1,
    redis_bytes: null,
    ...rest,
  };
}

/** A day of ten reads with so many hits, each of them after 100 ms and with one query for each miss. */
function day(at: number, hits: number): DayRecord {
  const start = (MONDAY + at) * MINUTES_OF_DAY;
  return dayOf(MONDAY + at, [
    minute(start, {
      requests: 10,
      hits,
      misses: 10 - hits,
      source_queries: 10 - hits,
      durationsMs: Array(10).fill(100),
      redis_bytes: 1000 * (at + 1),
    }),
    minute(start + 1),
  ]);
}

t.test(
  'minutes of several processes in one day: added up, the busiest minute and the most memory kept',
  async (t) => {
    const start = MONDAY * MINUTES_OF_DAY;
    const made = dayOf(MONDAY, [
      minute(start, { requests: 5, hits: 4, source_queries: 3, durationsMs: [10, 20], redis_bytes: 50 }),
      minute(start, { requests: 1, misses: 1, source_queries: 4, durationsMs: [500], redis_bytes: 70 }),
      minute(start + 1, { requests: 1, source_queries: 5, redis_bytes: 60 }),
    ]);
    t.match(made, {
      day: MONDAY,
      partsCount: 3,
      minutesCount: 2,
      requests: 7,
      hits: 4,
      misses: 1,
      source_queries: 12,
      busiest_minute_queries: 7,
      redis_max_bytes: 70,
    });
    t.equal(Histogram.decode(made.durations)?.count, 3);
  },
);

t.test('a roll-out of sixteen days: seven days, then weeks, and the sum of all', async (t) => {
  const days = Array.from({ length: 16 }, (_, at) => day(at, at < 8 ? 4 : 9)).filter(
    ({ day }) => day !== MONDAY + 2,
  );
  const body = periods({ reach: 'cluster', days }, { sinceDay: MONDAY, today: MONDAY + 15 });
  t.equal(body.since, '2026-11-16');
  t.same(
    body.periods.map(({ kind, first_day, last_day, requests }) => [kind, first_day, last_day, requests]),
    [
      ['day', '2026-11-16', '2026-11-16', 10],
      ['day', '2026-11-17', '2026-11-17', 10],
      ['day', '2026-11-18', '2026-11-18', 0],
      ['day', '2026-11-19', '2026-11-19', 10],
      ['day', '2026-11-20', '2026-11-20', 10],
      ['day', '2026-11-21', '2026-11-21', 10],
      ['day', '2026-11-22', '2026-11-22', 10],
      ['week', '2026-11-23', '2026-11-29', 70],
      ['week', '2026-11-30', '2026-12-06', 20],
    ],
  );
  t.match(body.total, { kind: 'total', first_day: '2026-11-16', last_day: '2026-12-01', requests: 150 });
  // 7 days of 4 and 8 days of 9 hits of ten.
  t.equal(body.total.hit_rate, 66.67);
  t.equal(body.total.minutes, 30);
  // 7 days of 6 queries and 8 of 1, in 30 minutes.
  t.equal(body.total.queries_per_minute, 1.667);
  t.equal(body.total.redis_max_bytes, 16_000);
  t.match(body.periods[7], { hit_rate: 82.86, busiest_minute_queries: 6, load_time: { mean_ms: 100 } });
  t.match(body.periods[2], {
    minutes: 0,
    hit_rate: null,
    queries_per_minute: null,
    load_time: { mean_ms: null, p95_ms: null },
    redis_max_bytes: null,
  });
});

t.test(
  'without a first day: from the first that is known; one that is no longer kept: weeks stay where they were',
  async (t) => {
    const days = [day(3, 5), day(4, 5)];
    const body = periods({ reach: 'process', days }, { sinceDay: null, today: MONDAY + 4 });
    t.equal(body.since, '2026-11-19');
    t.equal(body.periods.length, 2);
    const old = periods({ reach: 'process', days }, { sinceDay: MONDAY - 10, today: MONDAY + 4 });
    t.equal(old.since, '2026-11-06');
    t.same(
      old.periods.map(({ kind, first_day, requests }) => [kind, first_day, requests]),
      [
        ['week', '2026-11-13', 10],
        ['week', '2026-11-20', 10],
      ],
    );
    const none = periods({ reach: 'process', days: [] }, { sinceDay: null, today: MONDAY });
    t.match(none, { since: '2026-11-16', total: { requests: 0, hit_rate: null } });
    const later = periods({ reach: 'process', days }, { sinceDay: MONDAY + 50, today: MONDAY + 4 });
    t.same([later.total.requests, later.periods.length], [0, 0]);
  },
);
