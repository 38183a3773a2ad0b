/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/cli/why.test.ts > TAP > each panel has its answer, its reason, what comes next, and its story > must match snapshot 1`] = `
metrics of operations, tenant 7
  a read     misses: it is gone
  because    purged: somebody asked for it, everything
  refresh    None: the next read loads it.
  story      nothing is remembered

summary of operations, tenant 7
  a read     hits in Redis (l2): it is stale
  because    loaded in 131 ms, because it was purged; nothing has invalidated it since
  refresh    None before its ttl ends in 9 min 47 s; the first read after that brings one.
  contract   max_staleness ended 1 min ago
  warmed     in 22 h 30 min, by the schedule
  story
    2026-11-25T07:58:00.000Z  table tasks of tenant 7 of crm: its change feed told of writes, 2 min ago
    2026-11-25T07:58:00.000Z  purged: data changed, table tasks of tenant 7, 2 min ago
    2026-11-25T07:59:48.000Z  loaded in 131 ms, because it was purged, 12 s ago

charts/vendors of operations, tenant 7
  a read     asks the source: the cache is switched off
  because    loaded in 131 ms, because it was purged; nothing has invalidated it since
  refresh    None before its ttl ends in 9 min 47 s; the first read after that brings one.
  contract   max_staleness ends in 1 min
  warmed     in 22 h 30 min, by the schedule
  story
    2026-11-25T07:58:00.000Z  table tasks of tenant 7 of crm: its change feed told of writes, 2 min ago
    2026-11-25T07:58:00.000Z  purged: data changed, table tasks of tenant 7, 2 min ago
    2026-11-25T07:59:48.000Z  loaded in 131 ms, because it was purged, 12 s ago

Told by process 4711, which remembers the last 3 h 12 min. Loads of other processes are not in it.
`
