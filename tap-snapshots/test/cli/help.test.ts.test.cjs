/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/cli/help.test.ts > TAP > --help of each command is as agreed, on stdout, with exit code 0 > dashcache 1`] = `
Usage: dashcache [options] [command]

Makes slow dashboards fast: a caching JSON API in front of SQL, with honest freshness

Options:
  -V, --version            output the version number
  -h, --help               display help for command

Commands:
  serve                    Serve the dashboards of a folder
  validate [folder]        Check the definitions of a folder as a start would, queries included
  types                    Write TypeScript types of the dashboards for \`dashcache/client\`
  changes <action>         Install what change feeds need in their databases, remove it, or show it
  optimize                 Rewrite existence checks that are made by counting, in Python and
                           TypeScript
  simulate <log> [folder]  Replay an access log against other ttls, graces and sizes, and propose
                           better ones
  help [command]           display help for command

Commands for a running service:
  doctor [folder]          Look a running service over: Redis, sources, definitions, figures,
                           process
  stats                    Show what the cache measures of itself, and which targets it meets
  explain <address>        Explain how the next read of an address would be answered, and why
  why <address>            Tell why an address hits or misses, what invalidated it, and which
                           refresh is due
  warm [dashboards...]     Load panels before anyone asks, for every tenant
  invalidate               Take back what is stored of a dashboard, a panel, a table or a tag
  flush                    Take back everything that is stored; deletes nothing in Redis
  switch [state]           Switch the cache off or on, for all or a part; show what is off
  report [action]          Show what the cache has brought: baseline, target and actual, by day and
                           by week
  audit [folder]           Hold what replicas answer against the source, as an outside observer

Exit codes: 0 fine, 1 findings, 2 called wrongly, 3 the surroundings do not allow it
`

exports[`test/cli/help.test.ts > TAP > --help of each command is as agreed, on stdout, with exit code 0 > dashcache audit 1`] = `
Usage: dashcache audit [options] [folder]

Hold what replicas answer against the source, as an outside observer

Arguments:
  folder            folder of the definitions that they serve (DASHCACHE_CONFIG)

Options:
  --url <address>   a replica; may be repeated (DASHCACHE_URL; else PORT on this machine)
  --sample <count>  how many samples at the most (default: 200)
  --for <duration>  how long at the most (default: 60s)
  --rate <count/s>  how many samples in a second, or in a minute: 30/min (default: 5/s)
  --seed <number>   takes the samples of an earlier audit again
  --json            print all that was found as JSON
  -h, --help        display help for command

Each sample is a panel with the default parameters, for one tenant. Every replica is read as a browser
reads it, so these reads count in its statistics and may cause loads; and the source itself is asked, by one
query at a time. Needs the definitions and the data where the service has them. It ends with 1 when a read
was not within the bound.

Examples:
  dashcache audit
  dashcache audit ./dashboards --url http://10.0.0.7:8000 --url http://10.0.0.8:8000 --for 10m
`

exports[`test/cli/help.test.ts > TAP > --help of each command is as agreed, on stdout, with exit code 0 > dashcache changes 1`] = `
Usage: dashcache changes [options] <action>

Install what change feeds need in their databases, remove it, or show it

Arguments:
  action           what to do (choices: "status", "install", "remove")

Options:
  --source <name>  only this source
  --url <url>      connect as somebody who may create these things; default: as the feed does
  --dry-run        print the statements as SQL and change nothing
  --json           print what was found and done as JSON
  -h, --help       display help for command

The sources with \`changes\` are taken from the definitions (DASHCACHE_CONFIG). A feed of kind logical
needs a publication, notify an outbox and triggers, poll nothing.

Examples:
  dashcache changes status
  dashcache changes install --dry-run > feeds.sql
  dashcache changes install --source crm --url postgres://owner@db/shop
`

exports[`test/cli/help.test.ts > TAP > --help of each command is as agreed, on stdout, with exit code 0 > dashcache doctor 1`] = `
Usage: dashcache doctor [options] [folder]

Look a running service over: Redis, sources, definitions, figures, process

Arguments:
  folder           folder of the definitions that it serves (DASHCACHE_CONFIG)

Options:
  --url <address>  address of the service (DASHCACHE_URL; else PORT on this machine)
  --json           print the answer as JSON
  -h, --help       display help for command

Every finding has what was seen and what to do. Run it where the service runs, with its settings: Redis and
the sources are asked directly, as the service asks them; nothing is changed. What could not be looked at is
said, and is not fine. It ends with 1 when there is an error or a warning.

Examples:
  dashcache doctor
  dashcache doctor ./dashboards --json | jq '.findings[] | .check'
`

exports[`test/cli/help.test.ts > TAP > --help of each command is as agreed, on stdout, with exit code 0 > dashcache explain 1`] = `
Usage: dashcache explain [options] <address>

Explain how the next read of an address would be answered, and why

Arguments:
  address          of a dashboard or a panel, as a path or as the browser shows it

Options:
  --verbose        all that is known of every panel, as for a single one
  --url <address>  address of the service (DASHCACHE_URL; else PORT on this machine)
  --json           print the answer as JSON
  -h, --help       display help for command

Nothing is read, loaded or counted by it.

Examples:
  dashcache explain '/dashboards/operations?site_id=7'
  dashcache explain 'https://dash.example.com/dashboards/operations/charts/tasks?site_id=7&period=8w'
`

exports[`test/cli/help.test.ts > TAP > --help of each command is as agreed, on stdout, with exit code 0 > dashcache flush 1`] = `
Usage: dashcache flush [options]

Take back everything that is stored; deletes nothing in Redis

Options:
  --url <address>  address of the service (DASHCACHE_URL; else PORT on this machine)
  --json           print the answer as JSON
  -h, --help       display help for command

Everything gets a new generation: what is stored is not used again by any process, and Redis drops
it when its time is over. There is no FLUSHDB: whatever else lives in that Redis stays. It costs one
load of every panel that is read afterwards; dashcache warm loads them before anyone asks.

Example:
  dashcache flush && dashcache warm
`

exports[`test/cli/help.test.ts > TAP > --help of each command is as agreed, on stdout, with exit code 0 > dashcache invalidate 1`] = `
Usage: dashcache invalidate [options]

Take back what is stored of a dashboard, a panel, a table or a tag

Options:
  --dashboard <id>  all panels of a dashboard
  --panel <id>      only this panel of the dashboard: metrics, summary or charts/<name>
  --table <name>    every panel that reads the table: tasks or schema.tasks
  --tag <tag>       every panel with the tag; may be repeated: any of them
  --all             everything
  --tenant <id>     of the selected only what belongs to this tenant
  --expire          the old data may be served once more while it is refreshed
  --no-wait         do not wait until every process has applied it
  --warm            what it touches is loaded anew at once, in the background
  --url <address>   address of the service (DASHCACHE_URL; else PORT on this machine)
  --json            print the answer as JSON
  -h, --help        display help for command

Once it ends with 0, no read that begins later is answered with the old data, by any process. With
--no-wait that is so a second later; with --expire a read may see it once more.

Examples:
  dashcache invalidate --dashboard operations --panel charts/tasks
  dashcache invalidate --table tasks --tenant 7
  dashcache invalidate --tag prices --tag stock --expire
  dashcache invalidate --table sales --warm
`

exports[`test/cli/help.test.ts > TAP > --help of each command is as agreed, on stdout, with exit code 0 > dashcache optimize 1`] = `
Usage: dashcache optimize [options]

Rewrite existence checks that are made by counting, in Python and TypeScript

Options:
  --path <folder>  folder of the source
  --dry-run        print what would be rewritten and change nothing
  --json           print what was found and done as JSON
  -h, --help       display help for command

Rewrites checks of Django, SQLAlchemy, Prisma and TypeORM, and prints them as a unified diff. What is not
safe is reported and left, and so is a line marked \`# OK\`. Ends with 1 where a file could not be read or parsed.

Examples:
  dashcache optimize --dry-run --path ./src
  dashcache optimize --path ./src
`

exports[`test/cli/help.test.ts > TAP > --help of each command is as agreed, on stdout, with exit code 0 > dashcache report 1`] = `
Usage: dashcache report [options] [action]

Show what the cache has brought: baseline, target and actual, by day and by week

Arguments:
  action              measure the baseline instead (choices: "baseline")

Options:
  --since <date>      day of the roll-out, in UTC; default: the first that is known
  --baseline <file>   where the baseline is kept (default: dashcache-baseline.json)
  --markdown          print it as Markdown
  --checklist         the checklist of the roll-out, ticked as far as a machine can see, as Markdown
  --log <file>        baseline: the access log that the addresses are from
  --sample <count>    baseline: how many requests at the most (default: 500)
  --for <duration>    baseline: how long at the most (default: 20m)
  --rate <count/min>  baseline: how many requests in a minute at the most (default: 30/min)
  --share <percent>   baseline: no more than so many percent of what readers ask now
  --seed <number>     baseline: takes the addresses of an earlier one again
  --url <address>     address of the service (DASHCACHE_URL; else PORT on this machine)
  --json              print the answer as JSON
  -h, --help          display help for command

\`report baseline\` reads real addresses beside the cache, one at a time, and stores in a file what that
took. They come from an access log (common, combined, or LOG_FILE of dashcache), or else are the panels
that are read, as often as they are. It wants the credential of an administrator.

It ends with 1 when a target is missed. What was not measured is no target that was missed.

Examples:
  dashcache report baseline --log access.log --rate 30/min --for 1h
  dashcache report baseline --share 2
  dashcache report --since 2026-11-16
  dashcache report --checklist > checklist.md
`

exports[`test/cli/help.test.ts > TAP > --help of each command is as agreed, on stdout, with exit code 0 > dashcache serve 1`] = `
Usage: dashcache serve [options]

Serve the dashboards of a folder

Options:
  --demo             generate the demo data once and serve its dashboards
  --port <number>    port to listen on (PORT)
  --host <address>   address to listen on (HOST)
  --config <folder>  folder of the definitions (DASHCACHE_CONFIG)
  --json             print the addresses to open as one line of JSON
  -h, --help         display help for command

Everything else is set in the environment, see .env.example.

Examples:
  dashcache serve --demo                  a look at it, with generated data
  dashcache serve --config ./dashboards   your own dashboards
  REDIS_URL=redis://localhost dashcache serve
`

exports[`test/cli/help.test.ts > TAP > --help of each command is as agreed, on stdout, with exit code 0 > dashcache simulate 1`] = `
Usage: dashcache simulate [options] <log> [folder]

Replay an access log against other ttls, graces and sizes, and propose better ones

Arguments:
  log                                 access log of a web server, log of the service (LOG_FILE), or
                                      \`-\` for stdin
  folder                              folder of the definitions (DASHCACHE_CONFIG)

Options:
  --ttl <[panel=]duration>            another ttl, for all or for one dashboard or panel; may be
                                      repeated
  --grace <[panel=]duration>          another grace
  --max-staleness <[panel=]duration>  another max_staleness
  --memory <size>                     what entries may take (REDIS_MAX_BYTES with a Redis, else
                                      MEMORY_MAX_BYTES)
  --processes <count>                 how many there are; without a Redis each keeps its own entries
  --load-time <duration>              how long a query takes (default: 250ms)
  --changes <file>                    lines of an instant and the table that changed then
  --no-proposals                      only what was asked for: six times as fast
  --json                              print what was found as JSON
  -h, --help                          display help for command

Every read of the log is made again on the cache as it is, on the clock of the log. No source, Redis or
service is asked; sources are only asked which tables panels read, and only with --changes.

Examples:
  dashcache simulate /var/log/nginx/access.log
  dashcache simulate access.log ./dashboards --ttl 10m --ttl operations/metrics=1m --memory 64MiB
`

exports[`test/cli/help.test.ts > TAP > --help of each command is as agreed, on stdout, with exit code 0 > dashcache stats 1`] = `
Usage: dashcache stats [options]

Show what the cache measures of itself, and which targets it meets

Options:
  --panels         every panel, not only the ten that need attention most
  --url <address>  address of the service (DASHCACHE_URL; else PORT on this machine)
  --json           print the answer as JSON
  -h, --help       display help for command

The figures are over all live processes since their start. A target that is missed is shown, and is
no failure.

Examples:
  dashcache stats
  dashcache stats --json | jq .cache_stats.hit_rate
`

exports[`test/cli/help.test.ts > TAP > --help of each command is as agreed, on stdout, with exit code 0 > dashcache switch 1`] = `
Usage: dashcache switch [options] [state]

Switch the cache off or on, for all or a part; show what is off

Arguments:
  state             what to switch to; without it, what is off is shown (choices: "on", "off")

Options:
  --dashboard <id>  only this dashboard
  --panel <id>      only this panel of the dashboard: metrics, summary or charts/<name>
  --url <address>   address of the service (DASHCACHE_URL; else PORT on this machine)
  --json            print the answer as JSON
  -h, --help        display help for command

While off, every read asks its source; readers who come together still share one load. Switching on
never serves what was stored before. The widest switch that is off wins, and CACHE_ENABLED=false
wins over all of them.

Examples:
  dashcache switch
  dashcache switch off --dashboard operations --panel charts/tasks
  dashcache switch on
`

exports[`test/cli/help.test.ts > TAP > --help of each command is as agreed, on stdout, with exit code 0 > dashcache types 1`] = `
Usage: dashcache types [options]

Write TypeScript types of the dashboards for \`dashcache/client\`

Options:
  --config <folder>  folder of the definitions (DASHCACHE_CONFIG)
  --url <address>    ask a running service instead
  --json             print what the types are made of as JSON
  -h, --help         display help for command

Without --url no service is asked; sources are only asked which columns the queries have. The columns of a
source that is away are as the definitions declare them, and this is said.

Examples:
  dashcache types > dashboards.d.ts
  dashcache types --url https://dashboards.example.com > dashboards.d.ts
`

exports[`test/cli/help.test.ts > TAP > --help of each command is as agreed, on stdout, with exit code 0 > dashcache validate 1`] = `
Usage: dashcache validate [options] [folder]

Check the definitions of a folder as a start would, queries included

Arguments:
  folder        folder of the definitions (default: DASHCACHE_CONFIG, else dashboards)

Options:
  --deployment  also ask Redis and the sources what doctor asks them, before anything runs
  --json        print what was found as JSON
  -h, --help    display help for command

Prints every fault with its place, and what has no effect because a file says otherwise.

Examples:
  dashcache validate
  dashcache validate ./dashboards --json
  dashcache validate --deployment
`

exports[`test/cli/help.test.ts > TAP > --help of each command is as agreed, on stdout, with exit code 0 > dashcache warm 1`] = `
Usage: dashcache warm [options] [dashboards...]

Load panels before anyone asks, for every tenant

Arguments:
  dashboards            ids of dashboards (default: all)

Options:
  --panel <id>          only this panel: metrics, summary or charts/<name>
  --tenant <id>         only this tenant (default: every one in the options)
  --param <name=value>  value of a parameter; may be repeated (default: its default)
  --url <address>       address of the service (DASHCACHE_URL; else PORT on this machine)
  --json                print the answer as JSON
  -h, --help            display help for command

What is fresh already is not loaded again, and the service keeps to the budget of each source. It
ends with 0 when a read now is answered from the cache for every panel, else with 1.

Examples:
  dashcache warm
  dashcache warm operations --tenant 7 --param period=8w
`

exports[`test/cli/help.test.ts > TAP > --help of each command is as agreed, on stdout, with exit code 0 > dashcache why 1`] = `
Usage: dashcache why [options] <address>

Tell why an address hits or misses, what invalidated it, and which refresh is due

Arguments:
  address          of a dashboard or a panel, as a path or as the browser shows it

Options:
  --url <address>  address of the service (DASHCACHE_URL; else PORT on this machine)
  --json           print the answer as JSON
  -h, --help       display help for command

Nothing is read, loaded or counted by it. It is told by the process that answers: loads of others are not in its story.

Examples:
  dashcache why '/dashboards/operations/metrics?site_id=7'
  dashcache why 'https://dash.example.com/dashboards/operations?site_id=7' --url http://10.0.0.7:8000
`
