import { type Check, check, foundIf } from '../check.js';
import { someOf } from '../words.js';

const SKEW_MAX_MS = 2000;
const TOKEN_MIN_CHARS_COUNT = 32;

/** Whether the service runs, as what, and who may ask it. */
export const serviceChecks: readonly Check[] = [
  check({
    id: 'service-reachable',
    group: 'process',
    severity: 'error',
    what: 'The service answers',
    fix: 'start it with `dashcache serve`, or name its address with --url or DASHCACHE_URL',
    needs: ['service'],
    run: ({ service: { problem } }) => foundIf(problem !== null, () => ({ evidence: problem ?? '' })),
  }),
  check({
    id: 'service-access',
    group: 'process',
    severity: 'error',
    what: 'An administrator may ask the service for all that is looked at here',
    fix: 'set ADMIN_TOKEN here to the one of the service',
    needs: ['service'],
    run: ({ service: { refusal } }) => foundIf(refusal !== null, () => ({ evidence: refusal ?? '' })),
  }),
  check({
    id: 'service-degraded',
    group: 'process',
    severity: 'error',
    what: 'Nothing that the service needs is away',
    fix: 'mend what is named: see redis-ping, source-reachable, feed-lag and definitions-in-force; it heals by itself then',
    needs: ['running'],
    run: ({ running: { degraded } }) =>
      foundIf(degraded.length > 0, () => ({ evidence: `/health/ready names ${someOf(degraded)}` })),
  }),
  check({
    id: 'service-version',
    group: 'process',
    severity: 'warning',
    what: 'The service is of the version of this command',
    fix: 'finish the roll-out, or run the command of the version that runs there',
    needs: ['running', 'settings'],
    run: ({ running, settings }) =>
      foundIf(running.version !== settings.version, () => ({
        evidence: `the service is ${running.version}, this command is ${settings.version}`,
      })),
  }),
  check({
    id: 'switch-off',
    group: 'process',
    severity: 'warning',
    what: 'No kill switch is off',
    fix: 'run `dashcache switch on` once the reason is gone; with CACHE_ENABLED=false set that to true and restart',
    needs: ['switches'],
    run: ({ switches }) => {
      const off = switches.dashboards.flatMap(({ dashboard, panels }) =>
        panels.filter(({ enabled }) => !enabled).map(({ panel }) => `${dashboard}/${panel}`),
      );
      return foundIf(!switches.enabled || off.length > 0, () => ({
        evidence: switches.enabled
          ? `off for ${someOf(off)}`
          : `off for everything, by ${switches.off_by ?? 'a switch'}`,
      }));
    },
  }),
  check({
    id: 'admin-token',
    group: 'process',
    severity: 'warning',
    what: 'Administration beyond loopback has a token that nobody guesses',
    fix: 'set ADMIN_TOKEN to 32 or more random characters: `openssl rand -base64 32`',
    needs: ['settings'],
    run: ({ settings: { isLoopback, adminToken, host } }) => [
      ...foundIf(!isLoopback && adminToken === null, () => ({
        evidence: `HOST is ${host} and there is no ADMIN_TOKEN: administration is closed, no switch and no invalidation can be sent`,
      })),
      ...foundIf(adminToken !== null && adminToken.length < TOKEN_MIN_CHARS_COUNT, () => ({
        evidence: `ADMIN_TOKEN has ${adminToken?.length} characters`,
      })),
    ],
  }),
  check({
    id: 'clock-skew',
    group: 'process',
    severity: 'warning',
    what: 'The clocks of the service, of Redis, of databases and of this host agree',
    fix: 'run NTP (chrony, systemd-timesyncd) on every host: ages, periods and the log are wrong by as much',
    needs: ['host'],
    run: (_facts, { running, redis, sources }) => {
      const clocks = [
        ...(running.known ? [['the service', running.value.clockAheadMs] as const] : []),
        ...(redis.known ? [['Redis', redis.value.clockAheadMs] as const] : []),
        ...(sources.known ? sources.value : []).flatMap(({ definition, postgres }) =>
          postgres?.known ? [[definition.name, postgres.value.clockAheadMs] as const] : [],
        ),
      ];
      return clocks
        .filter(([, aheadMs]) => Math.abs(aheadMs) > SKEW_MAX_MS)
        .map(([whose, aheadMs]) => ({
          evidence: `the clock of ${whose} is ${(Math.abs(aheadMs) / 1000).toFixed(1)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this one`,
        }));
    },
  }),
];
