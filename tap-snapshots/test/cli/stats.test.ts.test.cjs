/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/cli/stats.test.ts > TAP > the figures are laid out for people; a missed target is no failure > must match snapshot 1`] = `
Hit rate       75 %  Good hit rate
Reads          2000
  hits         1485, of them 20 stale while refreshed, 3 stale because the source failed
  misses       495, of them 12 joined another reader's load
  bypasses     8
  errors       12
Latency
  from memory  p50 0.04 ms, p95 0.21 ms
  from Redis   p50 1.3 ms, p95 4 ms
  from source  p50 131 ms, p95 612 ms
Source         main: 1 query in the last minute, 12,510 in all, 12 failed
Memory         4.21 MB of 268 MB in 812 entries
Redis          3.1 MB of 100 MB in 790 entries
Processes      3

Targets
  ✓ hit rate: 75 % (at least 60 %)
  ✗ load time (p95): 612 ms (at most 500 ms, missed)
  ✓ source queries: 1/min (at most 400/min)
  · memory in Redis: not measured yet (at most 100 MB)

Panels, the worst hit rate first
dashboard   panel           hit rate  reads  hits  misses  bypasses  errors
operations  charts/tasks      58.8 %   1080   635     445         0       0
operations  metrics          94.44 %    900   850      50         0       0
operations  charts/vendors         –     20     0       0         8      12
operations  summary                –      0     0       0         0       0
`
