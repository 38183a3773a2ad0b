import { type TSchema, Type } from '@sinclair/typebox';
import {
  type ReadSetting,
  readBasePath,
  readBytes,
  readHost,
  readHttpUrl,
  readInteger,
  readOrigins,
  readPath,
  readPem,
  readRate,
  readRedisCluster,
  readRedisSentinels,
  readRedisUrl,
  readSeconds,
  readSwitch,
  readText,
  readToken,
  readTrustProxy,
} from './read-setting.js';

/** What people need to know of one variable; faults, .env.example and docs/settings.md are written from it. */
export interface AboutSetting {
  readonly variable: string;
  /** As it would be written in the environment; null: unset. */
  readonly defaultText: string | null;
  readonly accepts: string;
  readonly help: string;
  /** Never shown, and may also come from the file that NAME_FILE names. */
  readonly secret: boolean;
}

interface SettingOptions {
  readonly default?: string;
  readonly accepts: string;
  readonly help: string;
  readonly secret?: true;
  readonly read: ReadSetting;
}

/** Asymmetric ones want a public key, the others a secret (RFC 7518 section 3.1). */
export const JWT_ALGORITHMS = [
  ...['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA'],
] as const;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const YEAR_MS = 366 * 86_400_000;

const orNull = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

function setting<S extends TSchema>(variable: string, schema: S, options: SettingOptions) {
  const { default: defaultText = null, accepts, help, secret = false, read } = options;
  const about: AboutSetting = { variable, defaultText, accepts, help, secret };
  return { ...schema, about, read };
}

const ttl = (variable: string, defaultText: string, what: string) =>
  setting(variable, Type.Integer({ minimum: 1000, maximum: YEAR_MS }), {
    default: defaultText,
    accepts: 'whole seconds, 1 or more',
    help: `How long ${what} stay fresh, in seconds, unless a definition says otherwise`,
    read: readSeconds,
  });

const onOff = (variable: string, help: string) =>
  setting(variable, Type.Boolean(), { default: 'true', accepts: 'true or false', help, read: readSwitch });

const storeBytes = (variable: string, defaultText: string, help: string) =>
  setting(variable, Type.Integer({ minimum: 1_048_576 }), {
    default: defaultText,
    accepts: '1 MiB or more: bytes, or a number with kB, MB, GB, KiB, MiB or GiB',
    help,
    read: readBytes,
  });

/** The settings of the process: one schema, from which `Config` is derived. A property's value is read from its variable. */
export const configSchema = Type.Object({
  port: setting('PORT', Type.Integer({ maximum: 65_535 }), {
    default: '8000',
    accepts: 'a port from 1 to 65535, or 0 for any free one',
    help: 'Port to listen on',
    read: readInteger,
  }),
  host: setting('HOST', Type.String(), {
    default: '127.0.0.1',
    accepts: 'an address or a host name',
    help: 'Address to listen on; beyond loopback it needs an identity (JWT_* or API_KEYS_FILE), or AUTH=none',
    read: readHost,
  }),
  auth: setting('AUTH', orNull(Type.Literal('none')), {
    accepts: 'none',
    help: 'none: everyone who reaches HOST may read, whoever they are',
    read: readText,
  }),
  adminToken: setting('ADMIN_TOKEN', orNull(Type.String()), {
    accepts: 'visible ASCII characters without spaces, best 32 or more at random',
    help: 'Credential of administrators; without one administration is open on loopback only',
    secret: true,
    read: readToken,
  }),
  jwtSecret: setting('JWT_SECRET', orNull(Type.String()), {
    accepts: 'a text of at least as many bytes as the hash of JWT_ALGORITHM, best at random',
    help: 'Secret that signs the tokens of readers (HS256 and its like)',
    secret: true,
    read: readText,
  }),
  jwtPublicKey: setting('JWT_PUBLIC_KEY', orNull(Type.String()), {
    accepts: 'a public key in PEM: -----BEGIN PUBLIC KEY-----',
    help: 'Public key of the signer of tokens',
    secret: true,
    read: readPem,
  }),
  jwtJwksUrl: setting('JWT_JWKS_URL', orNull(Type.String()), {
    accepts: 'an https:// address, or http:// on loopback',
    help: 'Where the public keys of the signer are found; nothing else is ever asked for keys',
    read: readHttpUrl,
  }),
  jwtAlgorithm: setting(
    'JWT_ALGORITHM',
    orNull(Type.Union(JWT_ALGORITHMS.map((name) => Type.Literal(name)))),
    {
      accepts: JWT_ALGORITHMS.join(', '),
      help: 'The one algorithm that tokens may be signed with',
      read: readText,
    },
  ),
  jwtIssuer: setting('JWT_ISSUER', orNull(Type.String()), {
    accepts: 'a text',
    help: 'Issuer (iss) that tokens must name',
    read: readText,
  }),
  jwtAudience: setting('JWT_AUDIENCE', orNull(Type.String()), {
    accepts: 'a text',
    help: 'Audience (aud) that tokens must name',
    read: readText,
  }),
  tenantClaim: setting('TENANT_CLAIM', Type.String({ minLength: 1, maxLength: 200 }), {
    default: 'tenant',
    accepts: 'the name of a claim',
    help: 'Claim of a token that names the tenant, or a list of them',
    read: readText,
  }),
  rolesClaim: setting('ROLES_CLAIM', Type.String({ minLength: 1, maxLength: 200 }), {
    default: 'roles',
    accepts: 'the name of a claim',
    help: 'Claim of a token that names the roles: reader, staff, admin, scraper',
    read: readText,
  }),
  apiKeysFile: setting('API_KEYS_FILE', orNull(Type.String()), {
    accepts: 'a path',
    help: 'YAML file of API keys: their SHA-256, tenants and roles',
    read: readPath,
  }),
  rateLimit: setting(
    'RATE_LIMIT',
    orNull(Type.Object({ maxCount: Type.Integer({ minimum: 1 }), windowMs: Type.Integer() })),
    {
      accepts: 'a number of requests and a time: 10/s, 600/min, 10000/h',
      help: 'What one caller (by credential, else by address) may ask; unset: nobody is counted',
      read: readRate,
    },
  ),
  basePath: setting('BASE_PATH', Type.String(), {
    accepts: 'a path such as /dashcache',
    help: 'Path under which every address lies, e.g. /dashcache behind a shared proxy',
    default: '/',
    read: readBasePath,
  }),
  trustProxy: setting('TRUST_PROXY', Type.Union([Type.Boolean(), Type.Integer(), Type.String()]), {
    default: 'false',
    accepts: 'true, false, a number of hops, or addresses and networks with commas between',
    help: 'Whose X-Forwarded-* headers are believed',
    read: readTrustProxy,
  }),
  corsOrigins: setting('CORS_ORIGINS', Type.Unsafe<readonly string[]>(Type.Array(Type.String())), {
    default: '',
    accepts: 'origins such as https://intranet.example with commas between (no wildcard)',
    help: 'Other websites whose pages may read the answers',
    read: readOrigins,
  }),
  logLevel: setting('LOG_LEVEL', Type.Union(LOG_LEVELS.map((level) => Type.Literal(level))), {
    default: 'info',
    accepts: LOG_LEVELS.join(', '),
    help: 'The least that is logged',
    read: readText,
  }),
  logFile: setting('LOG_FILE', orNull(Type.String()), {
    accepts: 'a path',
    help: 'Log into this file too, e.g. logs/cache.log',
    read: readPath,
  }),
  logIntervalCount: setting('LOG_INTERVAL', Type.Integer({ minimum: 1 }), {
    default: '100',
    accepts: 'a whole number, 1 or more',
    help: 'Panel reads between two lines of cache statistics in the log',
    read: readInteger,
  }),
  slowCacheThresholdMs: setting('SLOW_CACHE_THRESHOLD', Type.Integer({ minimum: 1 }), {
    default: '50',
    accepts: 'whole milliseconds, 1 or more',
    help: 'A cache operation that takes longer, in ms, is warned of',
    read: readInteger,
  }),
  dataDir: setting('DATA_DIR', Type.String(), {
    default: './data',
    accepts: 'a path',
    help: 'Folder of the generated demo data',
    read: readPath,
  }),
  configFolder: setting('DASHCACHE_CONFIG', Type.String(), {
    default: 'dashboards',
    accepts: 'a path',
    help: 'Folder of the definitions: dashcache.yaml and one file per dashboard',
    read: readPath,
  }),
  databaseUrl: setting('DATABASE_URL', orNull(Type.String()), {
    accepts: 'the address of a database',
    help: 'What the placeholder DATABASE_URL means in the definitions; nothing else',
    secret: true,
    read: readText,
  }),
  redisUrl: setting('REDIS_URL', orNull(Type.String()), {
    accepts: 'redis://[user:password@]host[:port][/database], or rediss:// with TLS',
    help: 'The second cache layer, shared by all processes; unset: memory only',
    secret: true,
    read: readRedisUrl,
  }),
  redisSentinels: setting('REDIS_SENTINELS', orNull(Type.String()), {
    accepts:
      '[rediss://][user:password@]host[:26379],host.../master-name, or ?name=master-name; also ?db=, ' +
      '?sentinel_username= and ?sentinel_password=',
    help: 'In place of REDIS_URL: sentinels that know which Redis leads; user and password are those of Redis',
    secret: true,
    read: readRedisSentinels,
  }),
  redisCluster: setting('REDIS_CLUSTER', orNull(Type.String()), {
    accepts: '[rediss://][user:password@]host[:6379],host...',
    help: 'In place of REDIS_URL: some nodes of a Redis Cluster, which tell of the others',
    secret: true,
    read: readRedisCluster,
  }),
  redisPrefix: setting('REDIS_PREFIX', Type.String({ pattern: '^[A-Za-z0-9:._/-]{1,64}$' }), {
    default: 'dc:',
    accepts: '1 to 64 letters, digits and : . _ / -',
    help: 'What the names of all our keys in Redis begin with',
    read: readText,
  }),
  metricsTtlMs: ttl('METRICS_TIMEOUT', '300', 'metrics'),
  chartTtlMs: ttl('CHART_DATA_TIMEOUT', '600', 'charts'),
  summaryTtlMs: ttl('SUMMARY_TIMEOUT', '900', 'summaries'),
  cacheEnabled: onOff('CACHE_ENABLED', 'false: every read asks its source; nothing can switch the cache on'),
  cacheMonitoring: onOff('CACHE_MONITORING', 'false: reads are neither timed nor counted'),
  memoryMaxBytes: storeBytes(
    'MEMORY_MAX_BYTES',
    '256MiB',
    'What the entries in the memory of one process may take',
  ),
  redisMaxBytes: storeBytes(
    'REDIS_MAX_BYTES',
    '100MB',
    'What our prefix may take in Redis; rarely read entries go first',
  ),
  workersCount: setting('WORKERS', Type.Integer({ minimum: 1, maximum: 64 }), {
    default: '1',
    accepts: '1 to 64; more than 1 needs a Redis',
    help: 'Processes that serve the address, for a machine of several cores without an orchestrator',
    read: readInteger,
  }),
  dashcacheUrl: setting('DASHCACHE_URL', orNull(Type.String()), {
    accepts: 'an http:// or https:// address',
    help: 'Where commands find a running service; the service itself does not use it',
    read: readHttpUrl,
  }),
});
