import { isIP } from 'node:net';
import type { Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { hasIdentity, identityFaults } from './config/identity-faults.js';
import { misspelled } from './config/misspelled.js';
import { type ConfigFault, type Environment, readVariable } from './config/read-environment.js';
import { readPath } from './config/read-setting.js';
import { type AboutSetting, configSchema } from './config/settings.js';

type Settings = Readonly<Static<typeof configSchema>>;

/** All that the process is told from outside: read once, frozen. */
export interface Config extends Settings {
  /** The variables that were set, by their names in the environment. */
  readonly explicit: ReadonlySet<string>;
  /** What ${NAME} may name in the definitions: the environment, and the settings with their defaults. */
  readonly definitionEnvironment: Readonly<Record<string, string>>;
  /** Sentences about variables that were probably meant to be settings. */
  readonly warnings: readonly string[];
}

/** Everything that is wrong with the settings, at once; the message is for the person who starts the service. */
export class ConfigFaults extends Error {
  readonly faults: readonly ConfigFault[];
  /** DASHCACHE_CONFIG, where that at least is right: what is wrong with the folder can then be told as well. */
  readonly configFolder: string | null;

  constructor(faults: readonly ConfigFault[], configFolder: string | null = null) {
    const count = faults.length === 1 ? '1 setting is' : `${faults.length} settings are`;
    super(`${count} wrong:\n${faults.map((fault) => `  ${fault.message}`).join('\n')}`);
    this.name = 'ConfigFaults';
    this.faults = faults;
    this.configFolder = configFolder;
  }
}

/**
 * Reads the settings; nothing else reads the environment. `overrides` (options of a command) win over it.
 * Throws ConfigFaults with every fault.
 */
export function loadConfig(environment: Environment = process.env, overrides: Environment = {}): Config {
  const variables = { ...environment, ...overrides };
  const faults: ConfigFault[] = [];
  const explicit = new Set<string>();
  const visible = withoutEmpty(variables);
  const values: Record<string, unknown> = {};

  for (const [name, setting] of Object.entries(configSchema.properties)) {
    const { variable, defaultText, secret } = setting.about;
    const given = readVariable(variables, variable, secret);
    if ('fault' in given) {
      faults.push(given.fault);
      continue;
    }
    if (given.text !== null) explicit.add(variable);
    const text = given.text ?? defaultText;
    const value = text === null ? null : setting.read(text);
    if (value === undefined || !Value.Check(setting, value)) {
      faults.push(unacceptable(setting.about, text ?? ''));
      continue;
    }
    values[name] = value;
    if (text) visible[variable] = setting.read === readPath ? String(value) : text;
  }
  faults.push(
    ...identityFaults(values),
    ...exposureFaults(values),
    ...redisFaults(explicit),
    ...workersFaults(values, explicit),
  );
  if (faults.length > 0) {
    const folder = values['configFolder'];
    throw new ConfigFaults(faults, typeof folder === 'string' ? folder : null);
  }
  // Cannot fail, each value was checked; it tells the compiler what they are.
  Value.Assert(configSchema, values);

  return Object.freeze({
    ...values,
    explicit,
    definitionEnvironment: Object.freeze(visible),
    warnings: Object.freeze(misspelled(Object.keys(visible), settingNames())),
  });
}

function withoutEmpty(variables: Environment): Record<string, string> {
  const present: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) if (value) present[name] = value;
  return present;
}

function unacceptable(about: AboutSetting, text: string): ConfigFault {
  const given = about.secret ? 'is not acceptable (its value is not shown)' : `is ${JSON.stringify(text)}`;
  return { variable: about.variable, message: `${about.variable} ${given}; accepted: ${about.accepts}` };
}

/** Without an identity every reader is believed, so beyond loopback somebody must have said that this is meant. */
function exposureFaults(values: Readonly<Record<string, unknown>>): ConfigFault[] {
  const host = values['host'];
  if (typeof host !== 'string' || isLoopback(host) || values['auth'] !== null || hasIdentity(values))
    return [];
  return [
    {
      variable: 'HOST',
      message:
        `HOST is ${host}, which others can reach, and nothing says who may read: ` +
        'configure an identity (JWT_* or API_KEYS_FILE, docs/identity.md), set AUTH=none if everyone who reaches it may see every dashboard, ' +
        'or HOST=127.0.0.1',
    },
  ];
}

const REDIS_VARIABLES = ['REDIS_URL', 'REDIS_SENTINELS', 'REDIS_CLUSTER'] as const;

function redisFaults(explicit: ReadonlySet<string>): ConfigFault[] {
  const [first, ...others] = REDIS_VARIABLES.filter((variable) => explicit.has(variable));
  return others.map((variable) => ({
    variable,
    message: `${variable} and ${first} are both set, but there is one Redis; keep one of them`,
  }));
}

/** Each process has a memory of its own, and hears by Redis alone what the others have purged. */
function workersFaults(
  { workersCount }: Readonly<Record<string, unknown>>,
  explicit: ReadonlySet<string>,
): ConfigFault[] {
  const hasRedis = REDIS_VARIABLES.some((variable) => explicit.has(variable));
  if (typeof workersCount !== 'number' || workersCount === 1 || hasRedis) return [];
  const message =
    `WORKERS is ${workersCount}, and there is no Redis: each process would go on serving what another has purged; ` +
    'set REDIS_URL, or WORKERS=1';
  return [{ variable: 'WORKERS', message }];
}

/** Whether only this machine reaches an address to listen on. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

/** Every variable that means something to dashcache, the files of secrets included. */
export function settingNames(): ReadonlySet<string> {
  const settings = Object.values(configSchema.properties).map((setting) => setting.about);
  return new Set(
    settings.flatMap(({ variable, secret }) => (secret ? [variable, `${variable}_FILE`] : [variable])),
  );
}
