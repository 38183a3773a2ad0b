/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/cli/report.test.ts > TAP > a target that is missed is named, with exit code 1, in every form > must match snapshot 1`] = `
# dashcache since 2026-11-16

| Figure | Baseline | Target | Actual | Verdict |
| --- | --- | --- | --- | --- |
| Hit rate | 0 % | at least 60 % | 82.5 % | met |
| Load time (p95) | 2500 ms | at most 500 ms | 612 ms | missed |
| Source queries | 1500/min | at most 400/min | 212/min | met |
| Redis memory | not measured | at most 100 MB | 41 MB | met |

- 350000 reads, mean load time 60 ms, at most 380 source queries in a minute
- Load times are of panels: no whole dashboard was read in one request

## By day and by week

| Time | Reads | Hit rate | Load time (p95) | Source queries | Redis memory | Missed |
| --- | --- | --- | --- | --- | --- | --- |
| 2026-11-16 | 50000 | 41.2 % | 312 ms | 212/min | 41 MB | Hit rate |
| 2026-11-17 | 50000 | 82.5 % | 312 ms | 212/min | 41 MB |  |
| 2026-11-23 to 2026-11-29 | 50000 | 82.5 % | 612 ms | 212/min | 41 MB | Load time (p95) |
`

exports[`test/cli/report.test.ts > TAP > with a baseline and no target missed: the table for people, exit code 0 > must match snapshot 1`] = `
Figure               Baseline           Target   Actual
Hit rate                  0 %    at least 60 %   82.5 %  met
Load time (p95)       2500 ms   at most 500 ms   312 ms  met
Source queries       1500/min  at most 400/min  212/min  met
Redis memory     not measured   at most 100 MB    41 MB  met

Time                      Reads  Hit rate  Load time (p95)  Source queries  Redis memory  Missed
2026-11-16                50000    41.2 %           312 ms         212/min         41 MB  Hit rate
2026-11-17                50000    82.5 %           312 ms         212/min         41 MB
2026-11-23 to 2026-11-29  50000    82.5 %           612 ms         212/min         41 MB  Load time (p95)

50000 reads, mean load time 48 ms, at most 380 source queries in a minute
Load times are of panels: no whole dashboard was read in one request
✓ No target missed since 2026-11-16
`
