import { Value } from '@sinclair/typebox/value';
import { type Config, ConfigFaults } from '../config.js';
import type { DashcacheOptions } from './dashcache-options.js';
import { nearest } from './misspelled.js';
import type { ConfigFault } from './read-environment.js';
import { readBasePath } from './read-setting.js';
import { configSchema } from './settings.js';

type Setting = keyof typeof configSchema.properties;
type Option = Exclude<keyof DashcacheOptions, 'environment'>;

/** The setting that each option is; `accepts` where its values are written otherwise than in the environment. */
const OPTIONS: Readonly<Record<Option, { readonly setting: Setting; readonly accepts?: string }>> = {
  definitions: { setting: 'configFolder' },
  redisUrl: { setting: 'redisUrl' },
  redisSentinels: { setting: 'redisSentinels' },
  redisCluster: { setting: 'redisCluster' },
  redisPrefix: { setting: 'redisPrefix' },
  adminToken: { setting: 'adminToken' },
  metricsTtlMs: { setting: 'metricsTtlMs', accepts: 'whole milliseconds, 1000 or more' },
  chartTtlMs: { setting: 'chartTtlMs', accepts: 'whole milliseconds, 1000 or more' },
  summaryTtlMs: { setting: 'summaryTtlMs', accepts: 'whole milliseconds, 1000 or more' },
  cacheEnabled: { setting: 'cacheEnabled' },
  cacheMonitoring: { setting: 'cacheMonitoring' },
  memoryMaxBytes: { setting: 'memoryMaxBytes', accepts: 'bytes, 1048576 or more' },
  redisMaxBytes: { setting: 'redisMaxBytes', accepts: 'bytes, 1048576 or more' },
  logIntervalCount: { setting: 'logIntervalCount' },
  slowCacheThresholdMs: { setting: 'slowCacheThresholdMs' },
};

/** Fastify gives a plugin all that was said at its registration. */
const OF_FASTIFY: readonly string[] = ['prefix', 'logLevel', 'logSerializers'];

/** Settings that are said in another way here; all others that are no options belong to the host. */
const SAID_OTHERWISE: Readonly<Record<string, string>> = {
  configFolder: 'it is called definitions',
  basePath: 'it is the prefix of the registration',
  dataDir: 'give DATA_DIR in environment',
  databaseUrl: 'give DATABASE_URL in environment',
};

/**
 * The options of an embedded instance as the settings of a process; `prefix` is where it lies in the host.
 * Throws ConfigFaults with every fault, each by the name of its option.
 */
export function configFromOptions(options: DashcacheOptions, prefix: string): Config {
  const faults = [...unknownFaults(options), ...environmentFaults(options.environment)];
  const values: Record<string, unknown> = { ...defaults(), basePath: readBasePath(prefix) };
  const explicit = new Set<string>();
  if (values['basePath'] === undefined) {
    const message = `prefix is ${JSON.stringify(prefix)}; accepted: a path such as /dashcache, without parameters`;
    faults.push({ variable: 'prefix', message });
  }
  values['redisPrefix'] = `dc${values['basePath']}:`;
  for (const [name, option] of Object.entries(OPTIONS)) {
    const given = options[name as Option];
    if (given === undefined && name !== 'definitions') continue;
    const setting = configSchema.properties[option.setting];
    const value = accepted(option.setting, given);
    if (value === undefined) {
      faults.push(unacceptable(name, given, option));
      continue;
    }
    values[option.setting] = value;
    explicit.add(setting.about.variable);
  }
  faults.push(...redisFaults(options));
  if (!explicit.has('REDIS_PREFIX')) faults.push(...redisPrefixFaults(values['redisPrefix'], prefix));
  if (faults.length > 0) throw new ConfigFaults(faults);

  const environment = definitionEnvironment(options.environment);
  values['dataDir'] = environment['DATA_DIR'];
  values['databaseUrl'] = environment['DATABASE_URL'] ?? null;
  // Cannot fail, each value was checked; it tells the compiler what they are.
  Value.Assert(configSchema, values);
  return Object.freeze({
    ...values,
    explicit,
    definitionEnvironment: Object.freeze(environment),
    warnings: Object.freeze([]),
  });
}

/** A value of the type that it has in Config; a text also as the variable would have to be written. */
function accepted(name: Setting, given: unknown): unknown {
  const setting = configSchema.properties[name];
  if (given === '' || !Value.Check(setting, given)) return undefined;
  return typeof given === 'string' ? setting.read(given) : given;
}

/**
 * What nobody can say here. Who may read is decided by the host's own hooks, and its address is not known: so it counts as one
 * that others can reach, where administration is closed without a token.
 */
function defaults(): Record<string, unknown> {
  const settings = Object.entries(configSchema.properties).map(([name, { about, read }]) => [
    name,
    about.defaultText === null ? null : read(about.defaultText),
  ]);
  return { ...Object.fromEntries(settings), host: '0.0.0.0', auth: 'none' };
}

/** Every option that means something to dashcache; a page of the documentation is held against it. */
export function optionNames(): readonly string[] {
  return [...Object.keys(OPTIONS), 'environment'];
}

function unknownFaults(options: DashcacheOptions): ConfigFault[] {
  const known = optionNames();
  return Object.keys(options)
    .filter((name) => !known.includes(name) && !OF_FASTIFY.includes(name))
    .map((name) => ({
      variable: name,
      message: `${name} is not an option of dashcache${hint(name, known)}`,
    }));
}

function hint(name: string, known: readonly string[]): string {
  if (Object.hasOwn(SAID_OTHERWISE, name)) return `: ${SAID_OTHERWISE[name]}`;
  if (Object.hasOwn(configSchema.properties, name))
    return ': it belongs to the app that dashcache is embedded in';
  const near = nearest(name, known);
  return near === null ? '' : `: did you mean ${near}?`;
}

function unacceptable(
  name: string,
  given: unknown,
  { setting, accepts }: (typeof OPTIONS)[Option],
): ConfigFault {
  const { about } = configSchema.properties[setting];
  const told =
    given === undefined
      ? 'is missing'
      : about.secret
        ? 'is not acceptable (its value is not shown)'
        : `is ${JSON.stringify(given)}`;
  return { variable: name, message: `${name} ${told}; accepted: ${accepts ?? about.accepts}` };
}

function redisFaults({ redisUrl, redisSentinels, redisCluster }: DashcacheOptions): ConfigFault[] {
  const [first, ...others] = Object.entries({ redisUrl, redisSentinels, redisCluster })
    .filter(([, given]) => given !== undefined)
    .map(([name]) => name);
  return others.map((variable) => ({
    variable,
    message: `${variable} and ${first} are both given, but there is one Redis; keep one of them`,
  }));
}

/** Instances are told apart by where they lie, unless somebody says that they are one. */
function redisPrefixFaults(derived: unknown, prefix: string): ConfigFault[] {
  const { redisPrefix } = configSchema.properties;
  if (Value.Check(redisPrefix, derived)) return [];
  const message = `redisPrefix is missing, and none can be made of ${JSON.stringify(prefix)}`;
  return [{ variable: 'redisPrefix', message: `${message}; accepted: ${redisPrefix.about.accepts}` }];
}

function environmentFaults(environment: unknown): ConfigFault[] {
  if (environment === undefined) return [];
  const variable = 'environment';
  if (typeof environment !== 'object' || environment === null || Array.isArray(environment))
    return [{ variable, message: 'environment is no object; accepted: texts by name' }];
  return Object.entries(environment)
    .filter(([, value]) => value !== undefined && typeof value !== 'string')
    .map(([name]) => ({ variable, message: `environment.${name} is no text; accepted: texts by name` }));
}

/** An empty value counts as unset, as it does in the settings. */
function definitionEnvironment(given: DashcacheOptions['environment'] = {}): Record<string, string> {
  const { dataDir } = configSchema.properties;
  const present = Object.entries(given).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const named = Object.fromEntries(present);
  const dataFolder = dataDir.read(named['DATA_DIR'] ?? dataDir.about.defaultText ?? '.');
  return { ...named, DATA_DIR: String(dataFolder) };
}
