import { type Check, check, type Found, foundIf, type Seen } from '../check.js';
import type { Facts, Sample } from '../facts.js';
import { bytesInWords, countInWords } from '../words.js';

const FULL_SHARE = 0.8;
const MIN_DESCRIPTORS_COUNT = 4096;
const LAG_MAX_SECONDS = 0.1;
const MEMORY_SHARE = 0.5;
const RESIDENT_SHARE = 0.85;
const DISK_MIN_BYTES = 500_000_000;
const IDLE_MAX_MS = 3_600_000;
const MIN_NODE: readonly [major: number, minor: number] = [20, 20];

/** What the process may use of its host, and what its log says. */
export const hostChecks: readonly Check[] = [
  check({
    id: 'node-version',
    group: 'process',
    severity: 'error',
    what: 'Node is 20.20 or newer',
    fix: 'install Node 24 (or 20.20 at the least), and restart the service with it',
    needs: ['figures'],
    run: ({ figures }) => {
      const version = figures.find(({ name }) => name === 'nodejs_version_info')?.labels['version'];
      if (version === undefined) return [{ unseen: 'the service does not tell its version of Node' }];
      const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
      const isOld = major < MIN_NODE[0] || (major === MIN_NODE[0] && minor < MIN_NODE[1]);
      return foundIf(isOld, () => ({ evidence: `the service runs on Node ${version}` }));
    },
  }),
  check({
    id: 'file-descriptors',
    group: 'process',
    severity: 'warning',
    what: 'The process may open as many files and sockets as it needs',
    fix: 'raise the limit: LimitNOFILE=65536 in systemd, --ulimit nofile in Docker',
    needs: ['figures'],
    run: ({ figures }) => {
      const openCount = figure(figures, 'process_open_fds');
      const maxCount = figure(figures, 'process_max_fds');
      if (openCount === null || maxCount === null)
        return [{ unseen: 'the system of the service does not tell its file descriptors' }];
      return [
        ...foundIf(openCount > FULL_SHARE * maxCount, () => ({
          severity: 'error',
          evidence: `${openCount} of ${maxCount} descriptors are open`,
        })),
        ...foundIf(maxCount < MIN_DESCRIPTORS_COUNT, () => ({
          evidence: `the process may open ${maxCount}: each reader that waits needs one`,
        })),
      ];
    },
  }),
  check({
    id: 'memory-limit',
    group: 'process',
    severity: 'warning',
    what: 'Memory for entries leaves the process room within its limit',
    fix: 'lower MEMORY_MAX_BYTES to a third of the limit, or raise the limit of the container',
    needs: ['figures', 'settings', 'host'],
    run: ({ figures, settings, host }) => {
      if (!host.isOfService) return [{ unseen: 'the service runs on another host: run this there' }];
      const { memoryLimitBytes: limitBytes } = host;
      const residentBytes = figure(figures, 'process_resident_memory_bytes') ?? 0;
      return [
        ...foundIf(settings.memoryMaxBytes > MEMORY_SHARE * limitBytes, () => ({
          evidence: `MEMORY_MAX_BYTES is ${bytesInWords(settings.memoryMaxBytes)}, and all that the process may take is ${bytesInWords(limitBytes)}`,
        })),
        ...foundIf(residentBytes > RESIDENT_SHARE * limitBytes, () => ({
          severity: 'error',
          evidence: `the process takes ${bytesInWords(residentBytes)} of ${bytesInWords(limitBytes)}: the system is about to end it`,
        })),
      ];
    },
  }),
  check({
    id: 'event-loop',
    group: 'process',
    severity: 'warning',
    what: 'The event loop of the process is not held up',
    fix: 'give the process a whole core, or start more of them with one Redis; look for panels with large answers',
    needs: ['figures'],
    run: ({ figures }) => {
      const lagSeconds = figure(figures, 'nodejs_eventloop_lag_p99_seconds') ?? 0;
      return foundIf(lagSeconds > LAG_MAX_SECONDS, () => ({
        evidence: `one turn in a hundred takes ${Math.round(1000 * lagSeconds)} ms or longer`,
      }));
    },
  }),
  check({
    id: 'log-file',
    group: 'process',
    severity: 'error',
    what: 'LOG_FILE is written, and its disk has room',
    fix: 'correct LOG_FILE or the rights of its folder and restart; rotate it with copytruncate (logrotate)',
    needs: ['host'],
    run: (facts, { statistics }) =>
      ofLog(facts, (log) => {
        if (log.problem !== null) return [{ evidence: `${log.path} cannot be written (${log.problem})` }];
        const isBusy = statistics.known && statistics.value.cache_stats.total_requests > 0;
        return [
          ...foundIf(log.freeBytes < DISK_MIN_BYTES, () => ({
            severity: 'warning',
            evidence: `${bytesInWords(log.freeBytes)} are left on the disk of ${log.path}`,
          })),
          ...foundIf(isBusy && log.idleMs > IDLE_MAX_MS, () => ({
            severity: 'warning',
            evidence: `nothing was written to ${log.path} for ${Math.round(log.idleMs / 60_000)} min: perhaps it was moved, and the service writes to the old one`,
          })),
        ];
      }),
  }),
  check({
    id: 'log-errors',
    group: 'process',
    severity: 'warning',
    what: 'The log has no errors of late',
    fix: 'read them: `grep \'"level":50\'` in the file; each names its request id',
    needs: ['host'],
    run: (facts) =>
      ofLog(facts, ({ path, errorsCount, lastError }) =>
        foundIf(errorsCount > 0, () => ({
          evidence: `${countInWords(errorsCount, 'error')} at the end of ${path}, the newest: ${lastError}`,
        })),
      ),
  }),
];

function figure(figures: readonly Sample[], wanted: string): number | null {
  return figures.find(({ name }) => name === wanted)?.value ?? null;
}

/** Nothing without a LOG_FILE; on another host it is another file. */
function ofLog(
  { host }: Pick<Facts, 'host'>,
  judge: (log: NonNullable<Facts['host']['log']>) => readonly Found[],
): readonly Seen[] {
  if (host.log === null) return [];
  return host.isOfService
    ? judge(host.log)
    : [{ unseen: 'the service runs on another host: run this there' }];
}
