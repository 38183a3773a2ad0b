/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/cli/explain.test.ts > TAP > a whole dashboard is a table, and in full with --verbose > must match snapshot 1`] = `
operations, tenant 7
panel         state         found            age  ttl                              the next read
metrics       absent        –                  –  10 min, from CHART_DATA_TIMEOUT  loaded from its source: nothing is stored
charts/tasks  fresh         in memory (l1)  12 s  10 min, from CHART_DATA_TIMEOUT  answered from memory: it is fresh
summary       switched off  –                  –  10 min, from CHART_DATA_TIMEOUT  loaded from its source: it was purged
`

exports[`test/cli/explain.test.ts > TAP > one panel is explained in full > must match snapshot 1`] = `
charts/tasks of operations, tenant 7
  state           fresh, in memory (l1)
  next read       answered from memory: it is fresh
  age             12 s
  ttl             10 min, from CHART_DATA_TIMEOUT
  grace           1 h
  stale if error  1 d
  deadline        30 s
  unproven        served while Redis does not answer
  in memory       fresh: its ttl is not over, and every generation is current
                  loaded 12 s ago, stale in 9 min 47 s, gone in 1 d
                  content of 2026-11-25T07:00:00.000Z, 1.81 kB, ETag "-NufMB2ijhUrCOh6UwXp5A"
  in Redis        fresh: its ttl is not over, and every generation is current
                  loaded 12 s ago, stale in 9 min 47 s, gone in 1 d
                  content of 2026-11-25T07:00:00.000Z, 1.81 kB, ETag "-NufMB2ijhUrCOh6UwXp5A"
  source          main
  tables          tasks (exact: no others)
  parameters      site_id=7 (integer), period=2026-10-26T00:00:00Z/2026-11-25T00:00:00Z (period), note=NULL (string)
  key             q8Zk2v3bT1
    in Redis      dc:e:q8Zk2v3bT1
    definition    Xb1k
    tenant        7
  tags            all, dashboard operations, table tasks of tenant 7
`

exports[`test/cli/explain.test.ts > TAP > what there is none of is said as well > must match snapshot 1`] = `
metrics of operations
  state           absent
  next read       loaded from its source: nothing is stored
  switch          off: every read asks its source
  ttl             10 min, from the panel itself
  grace           1 h
  stale if error  1 d
  deadline        30 s; who has something stale waits 200 ms
  unproven        never served
  in memory       nothing
  in Redis        nothing
  source          main
  tables          none known (unknown: perhaps others)
  parameters      none
  key             q8Zk2v3bT1
    definition    Xb1k
  tags            none
`
