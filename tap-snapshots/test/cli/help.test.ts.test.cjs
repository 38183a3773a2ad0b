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
  -V, --version                output the version number
  -h, --help                   display help for command

Commands:
  serve [options]              Serve the dashboards of a folder
  validate [options] [folder]  Check the definitions of a folder as a start would, queries included
  help [command]               display help for command

Exit codes: 0 fine, 1 findings, 2 called wrongly, 3 the surroundings do not allow it
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

exports[`test/cli/help.test.ts > TAP > --help of each command is as agreed, on stdout, with exit code 0 > dashcache validate 1`] = `
Usage: dashcache validate [options] [folder]

Check the definitions of a folder as a start would, queries included

Arguments:
  folder      folder of the definitions (default: DASHCACHE_CONFIG, else dashboards)

Options:
  --json      print what was found as JSON
  -h, --help  display help for command

Prints every fault with its place, and what has no effect because a file says otherwise.

Examples:
  dashcache validate
  dashcache validate ./dashboards --json
`
