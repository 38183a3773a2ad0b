import { renderFaults } from '../../definitions/definition-faults.js';
import { type Check, check, type Found, foundIf } from '../check.js';
import { bytesInWords, someOf } from '../words.js';
import { unseenQueries } from './query-checks.js';

/** Whether the definitions and settings are right, in force, and the same here as there. */
export const fileChecks: readonly Check[] = [
  check({
    id: 'definitions-valid',
    group: 'definitions',
    severity: 'error',
    what: 'The definitions have no fault, and their sources accept every query',
    fix: 'mend what is named; `dashcache validate` checks it again',
    needs: ['files'],
    run: ({ files }, { queries }) => {
      const faults = [...files.faults, ...(queries.known ? queries.value.faults : [])];
      return [
        ...faults.map(({ place, message, hint }) => ({
          evidence: renderFaults([{ place, message }]),
          ...(hint !== undefined && { fix: hint }),
        })),
        ...(queries.known ? unseenQueries(queries.value) : []),
      ];
    },
  }),
  check({
    id: 'definitions-in-force',
    group: 'definitions',
    severity: 'error',
    what: 'The service has taken the definitions as they are in their folder',
    fix: 'see the log for why a reload was refused, mend it, and save the file again',
    needs: ['running'],
    run: ({ running }) =>
      foundIf(running.degraded.includes('definitions'), () => ({
        evidence: 'a reload was refused: the service goes on with the last good definitions',
      })),
  }),
  check({
    id: 'definitions-same',
    group: 'definitions',
    severity: 'warning',
    what: 'The definitions here are those that the service serves',
    fix: 'run this with the folder of the service (DASHCACHE_CONFIG), or deploy this one to every replica',
    needs: ['definitions', 'entries'],
    run: ({ definitions, entries }) => {
      const other = entries.filter(({ key }) => {
        const panel = definitions.dashboards.get(key.dashboard)?.panels.get(key.panel);
        return panel && panel.definitionHash !== key.definition;
      });
      return foundIf(other.length > 0, () => ({
        evidence: `the service has another definition of ${someOf(other.map(({ key }) => `${key.dashboard}/${key.panel}`))}`,
      }));
    },
  }),
  check({
    id: 'settings-shadowed',
    group: 'definitions',
    severity: 'warning',
    what: 'Every ttl that a setting gives is the ttl of some panel',
    fix: 'take the ttl out of the file that is named, or unset the variable',
    needs: ['definitions'],
    run: ({ definitions }) => definitions.shadowed.map((sentence) => ({ evidence: sentence })),
  }),
  check({
    id: 'settings-misspelled',
    group: 'definitions',
    severity: 'warning',
    what: 'No variable is nearly the name of a setting',
    fix: 'write it as docs/settings.md does, or rename your own variable',
    needs: ['settings'],
    run: ({ settings }) => settings.warnings.map((sentence) => ({ evidence: sentence })),
  }),
  check({
    id: 'settings-same',
    group: 'definitions',
    severity: 'warning',
    what: 'The settings here are those of the service',
    fix: 'run this with the environment of the service; or restart the service to have it take yours',
    needs: ['settings', 'statistics'],
    run: ({ settings, statistics: { memory, redis } }, { switches, redisReach }) => {
      const isOff = switches.known && switches.value.off_by === 'CACHE_ENABLED';
      return [
        ...differs('MEMORY_MAX_BYTES', settings.memoryMaxBytes, memory.max_bytes),
        ...differs('REDIS_MAX_BYTES', settings.redisMaxBytes, redis?.max_bytes ?? settings.redisMaxBytes),
        ...foundIf(redis !== null && redisReach.known && redisReach.value === null, () => ({
          evidence: 'the service has a Redis, and none is in the settings here',
        })),
        ...foundIf(switches.known && isOff === settings.cacheEnabled, () => ({
          evidence: `CACHE_ENABLED is ${settings.cacheEnabled} here and ${!isOff} in the service`,
        })),
      ];
    },
  }),
];

function differs(variable: string, hereBytes: number, thereBytes: number): readonly Found[] {
  return foundIf(hereBytes !== thereBytes, () => ({
    evidence: `${variable} is ${bytesInWords(hereBytes)} here and ${bytesInWords(thereBytes)} in the service`,
  }));
}
