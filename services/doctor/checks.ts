import type { Check } from './check.js';
import { fileChecks } from './definitions/file-checks.js';
import { queryChecks } from './definitions/query-checks.js';
import { tenantChecks } from './definitions/tenant-checks.js';
import { ttlChecks } from './definitions/ttl-checks.js';
import type { FactName } from './facts.js';
import { hostChecks } from './process/host-checks.js';
import { serviceChecks } from './process/service-checks.js';
import { redisDurabilityChecks } from './redis/durability-checks.js';
import { redisKeysChecks } from './redis/keys-checks.js';
import { redisMemoryChecks } from './redis/memory-checks.js';
import { redisReachChecks } from './redis/reach-checks.js';
import { feedChecks } from './source/feed-checks.js';
import { postgresChecks } from './source/postgres-checks.js';
import { sourceReachChecks } from './source/reach-checks.js';
import { tenantWallCheck } from './source/tenant-wall-check.js';
import { countChecks } from './statistics/count-checks.js';
import { hitRateChecks } from './statistics/hit-rate-checks.js';
import { panelChecks } from './statistics/panel-checks.js';

/** Every check there is, in the order in which docs/doctor.md lists them; a test holds the page against it. */
export const CHECKS: readonly Check[] = [
  ...redisReachChecks,
  ...redisMemoryChecks,
  ...redisKeysChecks,
  ...redisDurabilityChecks,
  ...sourceReachChecks,
  ...postgresChecks,
  tenantWallCheck,
  ...feedChecks,
  ...fileChecks,
  ...queryChecks,
  ...ttlChecks,
  ...tenantChecks,
  ...hitRateChecks,
  ...countChecks,
  ...panelChecks,
  ...serviceChecks,
  ...hostChecks,
];

/** What is only known of a service that runs. */
const OF_SERVICE: ReadonlySet<FactName> = new Set<FactName>([
  'service',
  'running',
  'monitoring',
  'statistics',
  'figures',
  'switches',
  'events',
  'entries',
]);

/** Those that can be made before anything is started. */
export const DEPLOYMENT_CHECKS: readonly Check[] = CHECKS.filter(
  ({ needs }) => !needs.some((name) => OF_SERVICE.has(name)),
);
