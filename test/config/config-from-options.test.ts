import { resolve } from 'node:path';
import t from 'tap';
import { configFromOptions } from '../../config/config-from-options.js';
import type { DashcacheOptions } from '../../config/dashcache-options.js';
import { ConfigFaults, isLoopback, loadConfig } from '../../config.js';

/** What is wrong with options that no compiler has seen, by option. */
function faultsOf(options: Record<string, unknown>, prefix = '/sales'): Record<string, string> {
  try {
    configFromOptions({ definitions: 'dashboards', ...options }, prefix);
    return {};
  } catch (error) {
    if (!(error instanceof ConfigFaults)) throw error;
    return Object.fromEntries(error.faults.map(({ variable, message }) => [variable, message]));
  }
}

t.test('the folder alone: every other setting has the default of the process', (t) => {
  const config = configFromOptions({ definitions: 'reports' }, '/sales');
  const { explicit, definitionEnvironment, ...settings } = config;
  const { explicit: _, definitionEnvironment: __, ...ofProcess } = loadConfig({});
  t.same(settings, {
    ...ofProcess,
    configFolder: resolve('reports'),
    basePath: '/sales',
    redisPrefix: 'dc/sales:',
    host: '0.0.0.0',
    auth: 'none',
  });
  t.same([...explicit], ['DASHCACHE_CONFIG']);
  t.same(definitionEnvironment, { DATA_DIR: resolve('data') });
  t.ok(Object.isFrozen(config));
  t.end();
});

t.test('every option arrives as the setting of its name', (t) => {
  const options: DashcacheOptions = {
    definitions: '/srv/reports',
    environment: { DATA_DIR: 'lake', DATABASE_URL: 'postgres://db/shop', EMPTY: '', NONE: undefined, X: 'y' },
    redisUrl: 'redis://127.0.0.1:7000/2',
    redisPrefix: 'shop:',
    adminToken: 'a-token',
    metricsTtlMs: 1500,
    chartTtlMs: 2000,
    summaryTtlMs: 3000,
    cacheEnabled: false,
    cacheMonitoring: false,
    memoryMaxBytes: 2 ** 20,
    redisMaxBytes: 2 ** 21,
    logIntervalCount: 7,
    slowCacheThresholdMs: 8,
  };
  const { definitions, environment, ...named } = options;
  const config = configFromOptions(options, '');
  t.match(config, { ...named, configFolder: definitions, databaseUrl: 'postgres://db/shop', basePath: '' });
  t.same(config.definitionEnvironment, {
    DATA_DIR: resolve('lake'),
    DATABASE_URL: environment?.['DATABASE_URL'],
    X: 'y',
  });
  t.equal(config.dataDir, resolve('lake'));
  t.ok(config.explicit.has('METRICS_TIMEOUT'), 'a ttl that no panel follows is told of');
  t.end();
});

t.test('nothing is taken from the environment of the process', (t) => {
  const { PATH } = loadConfig().definitionEnvironment;
  t.ok(PATH, 'as a service of its own does');
  t.notOk('PATH' in configFromOptions({ definitions: 'x' }, '').definitionEnvironment);
  t.end();
});

t.test('whoever reads is the host’s affair, and its address counts as one that others reach', (t) => {
  const { host, auth, adminToken } = configFromOptions({ definitions: 'x' }, '');
  t.notOk(isLoopback(host), 'so without a token administration is closed');
  t.equal(auth, 'none');
  t.equal(adminToken, null);
  t.end();
});

t.test('a wrong value is refused by the name of its option, with what is accepted', (t) => {
  const cases: Readonly<Record<string, readonly [value: unknown, message: string | RegExp]>> = {
    definitions: [undefined, 'definitions is missing; accepted: a path'],
    redisPrefix: ['a b', /^redisPrefix is "a b"; accepted: 1 to 64 letters/],
    metricsTtlMs: [300, 'metricsTtlMs is 300; accepted: whole milliseconds, 1000 or more'],
    chartTtlMs: ['5m', 'chartTtlMs is "5m"; accepted: whole milliseconds, 1000 or more'],
    summaryTtlMs: [1000.5, 'summaryTtlMs is 1000.5; accepted: whole milliseconds, 1000 or more'],
    cacheEnabled: ['false', 'cacheEnabled is "false"; accepted: true or false'],
    cacheMonitoring: [1, 'cacheMonitoring is 1; accepted: true or false'],
    memoryMaxBytes: ['256MiB', 'memoryMaxBytes is "256MiB"; accepted: bytes, 1048576 or more'],
    redisMaxBytes: [5, 'redisMaxBytes is 5; accepted: bytes, 1048576 or more'],
    logIntervalCount: [0, 'logIntervalCount is 0; accepted: a whole number, 1 or more'],
    slowCacheThresholdMs: [null, 'slowCacheThresholdMs is null; accepted: whole milliseconds, 1 or more'],
  };
  const faults = faultsOf(Object.fromEntries(Object.entries(cases).map(([name, [value]]) => [name, value])));
  t.same(Object.keys(faults).sort(), Object.keys(cases).sort(), 'all at once');
  for (const [name, [, message]] of Object.entries(cases)) t.match(faults[name], message, name);
  for (const definitions of ['', 7, 'a\0b', null])
    t.match(faultsOf({ definitions }), { definitions: /a path/ });
  t.end();
});

t.test('a secret that is wrong is never shown', (t) => {
  for (const [name, value] of Object.entries({
    redisUrl: 'http://user:hunter2@example.org',
    adminToken: 'hunter2 with spaces',
  })) {
    const message = faultsOf({ [name]: value })[name] ?? '';
    t.match(message, `${name} is not acceptable (its value is not shown); accepted: `);
    t.notMatch(message, 'hunter2');
    t.match(faultsOf({ [name]: '' })[name], 'is not acceptable', 'empty is not left out');
  }
  t.end();
});

t.test('what is no option is refused by its name, with what was meant or whose it is', (t) => {
  t.same(
    faultsOf({
      redisURL: 'redis://x',
      definition: 'x',
      port: 80,
      corsOrigins: [],
      basePath: '/x',
      configFolder: 'x',
      dataDir: 'x',
      databaseUrl: 'x',
      wibble: 1,
    }),
    {
      redisURL: 'redisURL is not an option of dashcache: did you mean redisUrl?',
      definition: 'definition is not an option of dashcache: did you mean definitions?',
      port: 'port is not an option of dashcache: it belongs to the app that dashcache is embedded in',
      corsOrigins:
        'corsOrigins is not an option of dashcache: it belongs to the app that dashcache is embedded in',
      basePath: 'basePath is not an option of dashcache: it is the prefix of the registration',
      configFolder: 'configFolder is not an option of dashcache: it is called definitions',
      dataDir: 'dataDir is not an option of dashcache: give DATA_DIR in environment',
      databaseUrl: 'databaseUrl is not an option of dashcache: give DATABASE_URL in environment',
      wibble: 'wibble is not an option of dashcache',
    },
  );
  t.same(
    faultsOf({ prefix: '/sales', logLevel: 'warn', logSerializers: {} }),
    {},
    'what is Fastify’s passes',
  );
  t.end();
});

t.test('an environment that holds no texts is refused', (t) => {
  t.same(faultsOf({ environment: { A: 7, B: undefined, C: '' } }), {
    environment: 'environment.A is no text; accepted: texts by name',
  });
  for (const environment of [null, [], 'A=1'])
    t.same(faultsOf({ environment }), { environment: 'environment is no object; accepted: texts by name' });
  t.end();
});

t.test('a prefix that is no plain path is refused: addresses are built from it', (t) => {
  t.same(faultsOf({}, '/:org/sales'), {
    prefix: 'prefix is "/:org/sales"; accepted: a path such as /dashcache, without parameters',
  });
  t.equal(configFromOptions({ definitions: 'x' }, '/a/b').basePath, '/a/b');
  t.end();
});

t.test('instances lie apart in Redis where they lie apart in the host, and none within another', (t) => {
  const prefixOf = (prefix: string) => configFromOptions({ definitions: 'x' }, prefix).redisPrefix;
  const prefixes = ['', '/', '/a', '/a/b', '/ab'].map(prefixOf);
  t.same(prefixes, ['dc:', 'dc:', 'dc/a:', 'dc/a/b:', 'dc/ab:']);
  for (const one of new Set(prefixes))
    t.same(
      [...new Set(prefixes)].filter((other) => other.startsWith(one)),
      [one],
    );
  for (const prefix of [`/${'x'.repeat(64)}`, '/~me']) {
    t.match(
      faultsOf({}, prefix)['redisPrefix'],
      `redisPrefix is missing, and none can be made of "${prefix}"`,
    );
    t.same(faultsOf({ redisPrefix: 'me:' }, prefix), {});
  }
  t.end();
});
