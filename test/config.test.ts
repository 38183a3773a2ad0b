import { isAbsolute, resolve } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { ConfigFaults, isLoopback, loadConfig, settingNames } from '../config.js';

function faultsOf(environment: Record<string, string>): readonly { variable: string; message: string }[] {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigFaults) return error.faults;
    throw error;
  }
  return [];
}

t.test('with nothing set, every setting has its default', (t) => {
  const { explicit, definitionEnvironment, warnings, ...settings } = loadConfig({});
  t.same(settings, {
    port: 8000,
    host: '127.0.0.1',
    auth: null,
    adminToken: null,
    jwtSecret: null,
    jwtPublicKey: null,
    jwtJwksUrl: null,
    jwtAlgorithm: null,
    jwtIssuer: null,
    jwtAudience: null,
    tenantClaim: 'tenant',
    rolesClaim: 'roles',
    apiKeysFile: null,
    rateLimit: null,
    basePath: '',
    trustProxy: false,
    corsOrigins: [],
    logLevel: 'info',
    logFile: null,
    logIntervalCount: 100,
    slowCacheThresholdMs: 50,
    dataDir: resolve('data'),
    configFolder: resolve('dashboards'),
    databaseUrl: null,
    redisUrl: null,
    redisSentinels: null,
    redisCluster: null,
    redisPrefix: 'dc:',
    metricsTtlMs: 300_000,
    chartTtlMs: 600_000,
    summaryTtlMs: 900_000,
    cacheEnabled: true,
    cacheMonitoring: true,
    memoryMaxBytes: 268_435_456,
    redisMaxBytes: 100_000_000,
    workersCount: 1,
    dashcacheUrl: null,
  });
  t.equal(explicit.size, 0);
  t.same(warnings, []);
  t.end();
});

t.test('each setting is read from its variable, in its unit', (t) => {
  const config = loadConfig({
    PORT: '0',
    HOST: '0.0.0.0',
    AUTH: 'none',
    BASE_PATH: '/reports/cache/',
    TRUST_PROXY: 'loopback, 10.0.0.0/8',
    CORS_ORIGINS: 'https://a.example, http://localhost:3000',
    LOG_LEVEL: 'debug',
    LOG_FILE: 'logs/cache.log',
    LOG_INTERVAL: '10',
    SLOW_CACHE_THRESHOLD: '5',
    DATA_DIR: 'elsewhere',
    DASHCACHE_CONFIG: '/etc/dashcache',
    DATABASE_URL: 'postgres://db/x',
    REDIS_URL: 'rediss://u:p@redis.example:6380/2',
    REDIS_PREFIX: 'team:a:',
    METRICS_TIMEOUT: '1',
    CHART_DATA_TIMEOUT: '2',
    SUMMARY_TIMEOUT: '3',
    CACHE_ENABLED: 'False',
    CACHE_MONITORING: '0',
    MEMORY_MAX_BYTES: '1.5GiB',
    REDIS_MAX_BYTES: '2000000',
    WORKERS: '1',
    DASHCACHE_URL: 'http://localhost:8000',
  });
  t.match(config, {
    port: 0,
    host: '0.0.0.0',
    auth: 'none',
    basePath: '/reports/cache',
    trustProxy: 'loopback,10.0.0.0/8',
    corsOrigins: ['https://a.example', 'http://localhost:3000'],
    logLevel: 'debug',
    logFile: resolve('logs/cache.log'),
    logIntervalCount: 10,
    slowCacheThresholdMs: 5,
    dataDir: resolve('elsewhere'),
    configFolder: '/etc/dashcache',
    databaseUrl: 'postgres://db/x',
    redisUrl: 'rediss://u:p@redis.example:6380/2',
    redisPrefix: 'team:a:',
    metricsTtlMs: 1000,
    chartTtlMs: 2000,
    summaryTtlMs: 3000,
    cacheEnabled: false,
    cacheMonitoring: false,
    memoryMaxBytes: 1.5 * 2 ** 30,
    redisMaxBytes: 2_000_000,
    dashcacheUrl: 'http://localhost:8000',
  });
  t.equal(config.explicit.size, 24, 'all of them count as set explicitly');
  t.end();
});

t.test('an empty value counts as unset', (t) => {
  const config = loadConfig({ PORT: '', REDIS_URL: '', ADMIN_TOKEN: '', METRICS_TIMEOUT: '' });
  t.match(config, { port: 8000, redisUrl: null, metricsTtlMs: 300_000 });
  t.equal(config.explicit.size, 0);
  t.notOk('ADMIN_TOKEN' in config.definitionEnvironment);
  t.end();
});

t.test('several faults are told all at once, each with its variable and what is accepted', (t) => {
  const faults = faultsOf({
    PORT: '80x',
    HOST: '0.0.0.0',
    LOG_LEVEL: 'loud',
    CACHE_ENABLED: 'perhaps',
    RATE_LIMIT: '600/day',
    WORKERS: '4',
  });
  t.same(
    faults.map((fault) => fault.variable),
    ['PORT', 'RATE_LIMIT', 'LOG_LEVEL', 'CACHE_ENABLED', 'HOST', 'WORKERS'],
  );
  t.same(
    faults.map((fault) => fault.message),
    [
      'PORT is "80x"; accepted: a port from 1 to 65535, or 0 for any free one',
      'RATE_LIMIT is "600/day"; accepted: a number of requests and a time: 10/s, 600/min, 10000/h',
      'LOG_LEVEL is "loud"; accepted: fatal, error, warn, info, debug, trace, silent',
      'CACHE_ENABLED is "perhaps"; accepted: true or false',
      'HOST is 0.0.0.0, which others can reach, and nothing says who may read: configure an identity (JWT_* or API_KEYS_FILE, ' +
        'docs/identity.md), set AUTH=none if everyone who reaches it may see every dashboard, or HOST=127.0.0.1',
      'WORKERS is 4, and there is no Redis: each process would go on serving what another has purged; set REDIS_URL, or WORKERS=1',
    ],
  );
  t.throws(() => loadConfig({ PORT: 'x', LOG_LEVEL: 'y' }), {
    message: /^2 settings are wrong:\n {2}PORT .*\n {2}LOG_LEVEL /,
  });
  t.throws(() => loadConfig({ PORT: 'x' }), { message: /^1 setting is wrong:\n/ });
  t.end();
});

const REFUSED: Record<string, readonly string[]> = {
  PORT: ['-1', '65536', '1e3', '0x50', ' 80', '8000.5', 'Infinity'],
  HOST: ['a b', 'http://x', '-x', '1.2.3.4/8'],
  BASE_PATH: ['x', '//x', '/a b', '/a?b', '/a//b'],
  TRUST_PROXY: ['maybe', '10.0.0.0/33', '10.0.0.0/8/8', '::1/129', 'example.com', ',', '-1'],
  CORS_ORIGINS: [
    '*',
    'example.com',
    'https://a.example/',
    'https://a.example/path',
    'https://A.example',
    'null',
  ],
  REDIS_URL: [
    'localhost:6379',
    'http://localhost',
    'redis://',
    'redis://localhost/x',
    'redis://localhost/0/1',
  ],
  REDIS_SENTINELS: [
    'a:26379,b:26379',
    'redis://a/main/0',
    'http://a/main',
    'a,,b/main',
    'a:0/main',
    'a:99999/main',
    'a/main?name=other',
    'a/main?db=x',
    'a/main?tls=1',
    'user@a/main',
    '%zz:x@a/main',
    'a/ma in',
  ],
  REDIS_CLUSTER: ['a:7000/0', 'a:7000?x=1', 'http://a', 'a b', ',', 'redis://'],
  REDIS_PREFIX: ['a b', 'a*', '{x}', 'ü', 'x'.repeat(65)],
  METRICS_TIMEOUT: ['0', '-1', '5m', '1.5', '99999999999'],
  LOG_INTERVAL: ['0', '1.5', 'x'],
  SLOW_CACHE_THRESHOLD: ['0', '50ms'],
  MEMORY_MAX_BYTES: ['0', '1KB', '256 mega', '1.0000001B', '-1', '9999999999GB', '1TB'],
  AUTH: ['jwt', 'NONE'],
  WORKERS: ['0', '65', '1.5', 'auto'],
  DASHCACHE_URL: ['localhost:8000', 'ftp://x'],
  LOG_FILE: ['a\0b'],
};

t.test('a value of the wrong form is refused', (t) => {
  for (const [variable, texts] of Object.entries(REFUSED)) {
    for (const text of texts) {
      const told = faultsOf({ [variable]: text }).map((fault) => fault.variable);
      t.same(told, [variable], `${variable}=${JSON.stringify(text)}`);
    }
  }
  t.end();
});

const ISSUED = { JWT_ISSUER: 'https://issuer.example', JWT_AUDIENCE: 'dashcache' };
const SECRET = 'x'.repeat(32);
const PEM = '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----';

t.test(
  'identity: settings that belong together are there together, and nothing is weaker than it looks',
  (t) => {
    const wrong: readonly (readonly [Record<string, string>, string, RegExp])[] = [
      [
        { JWT_SECRET: SECRET, JWT_ALGORITHM: 'HS256', JWT_AUDIENCE: 'a' },
        'JWT_ISSUER',
        /is wanted beside JWT_SECRET/,
      ],
      [{ JWT_SECRET: SECRET, JWT_ALGORITHM: 'HS256', JWT_ISSUER: 'a' }, 'JWT_AUDIENCE', /made for others/],
      [{ ...ISSUED, JWT_SECRET: SECRET }, 'JWT_ALGORITHM', /is wanted/],
      [
        { ...ISSUED, JWT_SECRET: SECRET, JWT_ALGORITHM: 'RS256' },
        'JWT_ALGORITHM',
        /wants JWT_PUBLIC_KEY or JWT_JWKS_URL/,
      ],
      [{ ...ISSUED, JWT_PUBLIC_KEY: PEM, JWT_ALGORITHM: 'HS256' }, 'JWT_ALGORITHM', /wants JWT_SECRET/],
      [{ ...ISSUED, JWT_SECRET: SECRET, JWT_ALGORITHM: 'HS512' }, 'JWT_SECRET', /shorter than the 64 bytes/],
      [
        { ...ISSUED, JWT_JWKS_URL: 'http://keys.example/jwks', JWT_ALGORITHM: 'ES256' },
        'JWT_JWKS_URL',
        /use https/,
      ],
      [
        { ...ISSUED, JWT_PUBLIC_KEY: PEM, JWT_JWKS_URL: 'https://a.example', JWT_ALGORITHM: 'ES256' },
        'JWT_JWKS_URL',
        /keep one of them/,
      ],
      [{ JWT_ISSUER: 'a' }, 'JWT_ISSUER', /but no key/],
      [{ API_KEYS_FILE: 'keys.yaml', AUTH: 'none' }, 'AUTH', /unset one of them/],
    ];
    for (const [settings, variable, message] of wrong)
      t.match(faultsOf(settings), [{ variable, message }], JSON.stringify(settings));
    for (const right of [
      { ...ISSUED, JWT_SECRET: SECRET, JWT_ALGORITHM: 'HS256' },
      { ...ISSUED, JWT_PUBLIC_KEY: PEM.replaceAll('\n', '\\n'), JWT_ALGORITHM: 'ES256' },
      { ...ISSUED, JWT_JWKS_URL: 'https://keys.example/jwks', JWT_ALGORITHM: 'EdDSA' },
      { ...ISSUED, JWT_JWKS_URL: 'http://127.0.0.1:9/jwks', JWT_ALGORITHM: 'PS256' },
      { API_KEYS_FILE: 'keys.yaml', HOST: '0.0.0.0' },
    ])
      t.same(faultsOf(right), [], JSON.stringify(right));
    t.same(loadConfig({ RATE_LIMIT: '600/min' }).rateLimit, { maxCount: 600, windowMs: 60_000 });
    t.end();
  },
);

t.test('one Redis: a second address of it is a fault', (t) => {
  const told = faultsOf({ REDIS_URL: 'redis://a', REDIS_SENTINELS: 'b/main', REDIS_CLUSTER: 'c' });
  t.match(told, [
    { variable: 'REDIS_SENTINELS', message: /REDIS_SENTINELS and REDIS_URL are both set/ },
    { variable: 'REDIS_CLUSTER', message: /keep one of them/ },
  ]);
  t.same(faultsOf({ REDIS_CLUSTER: 'c' }), []);
  t.end();
});

t.test('beyond loopback only AUTH=none lets the service start', (t) => {
  for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost'])
    t.same(faultsOf({ HOST: host }), [], host);
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'example.org', '127.example.org', '1270.0.0.1']) {
    t.match(faultsOf({ HOST: host }), [{ variable: 'HOST', message: /AUTH=none/ }], host);
    t.same(faultsOf({ HOST: host, AUTH: 'none' }), [], `${host} with AUTH=none`);
  }
  t.notOk(isLoopback('127.0.0.1.example.org'));
  t.end();
});

t.test('a secret in a file is read without the line break at its end', (t) => {
  const folder = t.testdir({ redis: 'redis://u:p@localhost:7001\n', empty: '\n' });
  const config = loadConfig({ REDIS_URL_FILE: `${folder}/redis` });
  t.equal(config.redisUrl, 'redis://u:p@localhost:7001');
  t.ok(config.explicit.has('REDIS_URL'));
  t.equal(config.definitionEnvironment['REDIS_URL'], 'redis://u:p@localhost:7001');
  t.match(faultsOf({ REDIS_URL_FILE: `${folder}/absent` }), [
    { message: /REDIS_URL_FILE names .*\(ENOENT\)/ },
  ]);
  t.match(faultsOf({ REDIS_URL_FILE: `${folder}/empty` }), [{ message: /which is empty/ }]);
  t.match(faultsOf({ REDIS_URL_FILE: `${folder}/redis`, REDIS_URL: 'redis://b' }), [{ message: /both set/ }]);
  t.end();
});

t.test('only a secret may come from a file', (t) => {
  t.equal(loadConfig({ PORT_FILE: '/nowhere' }).port, 8000);
  t.end();
});

t.test('no message shows the value of a secret', (t) => {
  const text = JSON.stringify(
    faultsOf({ REDIS_URL: 'http://u:hunter2@x', ADMIN_TOKEN: 'hunter2', JWT_SECRET: 'hunter2' }),
  );
  t.notMatch(text, 'hunter2');
  t.match(text, 'REDIS_URL');
  t.end();
});

t.test('the definitions may name the environment, and the settings with their defaults', (t) => {
  const { definitionEnvironment } = loadConfig({ LEGACY_TOKEN: 'abc', EMPTY: '', DATA_DIR: 'd' });
  t.equal(definitionEnvironment['LEGACY_TOKEN'], 'abc');
  t.equal(definitionEnvironment['DATA_DIR'], resolve('d'), 'DATA_DIR is absolute');
  t.ok(isAbsolute(definitionEnvironment['DASHCACHE_CONFIG'] ?? ''));
  t.equal(definitionEnvironment['METRICS_TIMEOUT'], '300');
  t.notOk('EMPTY' in definitionEnvironment);
  t.notOk('DATABASE_URL' in definitionEnvironment, 'a setting without a value or a default is missing');
  t.end();
});

t.test('the configuration and all in it is frozen', (t) => {
  const config = loadConfig({ CORS_ORIGINS: 'https://a.example' });
  for (const part of [config, config.corsOrigins, config.definitionEnvironment, config.warnings]) {
    t.ok(Object.isFrozen(part));
  }
  t.end();
});

t.test('an override wins over the environment and is held to the same rules', (t) => {
  t.equal(loadConfig({ PORT: '1' }, { PORT: '2' }).port, 2);
  t.throws(() => loadConfig({}, { PORT: 'x' }), ConfigFaults);
  t.end();
});

t.test('a near miss of one of our names is warned of, other variables are not', (t) => {
  const { warnings } = loadConfig({
    METRICS_TIMEOUTS: '3',
    REDIS_URI: 'redis://x',
    CACHE_ENABLE: 'false',
    DASHCACHE_COLOUR: 'red',
    DASHCACHE_SERVICE_HOST: '10.0.0.1',
    DASHCACHE_PORT: 'tcp://10.0.0.1:8000',
    REDIS_PORT: '6379',
    PATH: '/bin',
    HOME: '/',
    POST: '1',
  });
  t.same(warnings, [
    'CACHE_ENABLE is not a setting and has no effect; CACHE_ENABLED was probably meant',
    'DASHCACHE_COLOUR is not a setting and has no effect',
    'METRICS_TIMEOUTS is not a setting and has no effect; METRICS_TIMEOUT was probably meant',
    'REDIS_URI is not a setting and has no effect; REDIS_URL was probably meant',
  ]);
  t.end();
});

t.test('whatever the environment holds, the outcome is a configuration or ConfigFaults', (t) => {
  const name = fc.oneof(fc.constantFrom(...settingNames()), fc.string());
  fc.assert(
    fc.property(fc.dictionary(name, fc.string({ unit: 'binary' })), (environment) => {
      try {
        return Object.isFrozen(loadConfig(environment));
      } catch (error) {
        return error instanceof ConfigFaults && error.faults.length > 0;
      }
    }),
    { numRuns: 2000 },
  );
  t.end();
});

t.test('a number of bytes means the same however it is written', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4096 }), (count) => {
      const written = [`${count}MiB`, `${count} mib`, `${count * 1024}KiB`, String(count * 2 ** 20)];
      return written.every(
        (text) => loadConfig({ MEMORY_MAX_BYTES: text }).memoryMaxBytes === count * 2 ** 20,
      );
    }),
  );
  t.end();
});
