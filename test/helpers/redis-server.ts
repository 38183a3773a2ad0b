import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { type RedisProcess, startRedisProcess } from './redis-process.js';

export interface RedisUser {
  readonly name: string;
  readonly password: string;
  /** As in ACL SETUSER. */
  readonly rules: readonly string[];
}

export interface RedisOptions {
  /** More command-line arguments, e.g. ['--maxmemory', '10mb', '--cluster-enabled', 'yes']. */
  readonly args?: readonly string[];
  /** Keep an append-only file, so that `restart` finds the data again. Default: a restart begins empty. */
  readonly persistent?: boolean;
  /** An ACL user; `url` then logs in as this user, `adminUrl` stays the default user. */
  readonly user?: RedisUser;
  /** Of the default user; both URLs carry what they need. */
  readonly password?: string;
  /** The port speaks TLS alone, with these files. */
  readonly tls?: { readonly caFile: string; readonly certificateFile: string; readonly keyFile: string };
  /** More lines of redis.conf. */
  readonly lines?: readonly string[];
  /** Variables of its process, beside those of this one. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The user of DESIGN.md, invariant 10: its prefix alone, nothing dangerous but INFO. */
export const LIMITED_USER: RedisUser = {
  name: 'dashcache',
  password: 'a password with / and @',
  rules: ['~dc:*', '&dc:*', '+@all', '-@dangerous', '+info'],
};

/** A redis-server of the test's own; ended by `stop` and at the latest with the test process. */
export interface RedisServer {
  readonly url: string;
  readonly adminUrl: string;
  readonly port: number;
  /** Of the running server; another one after `restart`. */
  readonly pid: number;
  /** SIGSTOP: connections stay open and nothing answers. */
  freeze(): void;
  thaw(): void;
  /** SIGKILL; resolves when the process is gone and the port refuses. */
  kill(): Promise<void>;
  /** Starts it again on the same port, after `kill` or in place of the running one. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** Starts a real redis-server (from PATH or REDIS_SERVER) on a free port of 127.0.0.1 and waits until it answers PING. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  for (let tryCount = 1; ; tryCount++) {
    const folder = mkdtempSync(join(tmpdir(), 'dashcache-redis-'));
    const port = await freePort();
    try {
      const running = await launch(folder, port, options);
      return new LocalRedis(folder, port, options, running);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      // Somebody may have taken the port between looking and binding.
      if (tryCount === 3) throw error;
    }
  }
}

class LocalRedis implements RedisServer {
  readonly url: string;
  readonly adminUrl: string;
  #running: RedisProcess;

  constructor(
    readonly folder: string,
    readonly port: number,
    readonly options: RedisOptions,
    running: RedisProcess,
  ) {
    const { user, password, tls } = options;
    const urlOf = (name: string, secret: string | undefined): string => {
      const login = secret === undefined ? '' : `${name}:${encodeURIComponent(secret)}@`;
      return `${tls ? 'rediss' : 'redis'}://${login}127.0.0.1:${port}`;
    };
    this.adminUrl = urlOf('', password);
    this.url = user ? urlOf(user.name, user.password) : this.adminUrl;
    this.#running = running;
  }

  get pid(): number {
    return this.#running.pid;
  }

  freeze(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  kill(): Promise<void> {
    return this.#running.end();
  }

  async restart(): Promise<void> {
    await this.kill();
    this.#running = await launch(this.folder, this.port, this.options);
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function launch(folder: string, port: number, options: RedisOptions): Promise<RedisProcess> {
  const { args = [], tls, environment = {} } = options;
  const lines = configuration(options);
  return startRedisProcess({ folder, port, lines, args, isTls: tls !== undefined, environment });
}

function configuration({ persistent, user, password, tls, lines = [] }: RedisOptions): string[] {
  return [
    'save ""',
    `appendonly ${persistent ? 'yes' : 'no'}`,
    'appendfsync always',
    // A replica that asks for everything is served at once, not after five seconds.
    'repl-diskless-sync-delay 0',
    ...(password === undefined ? [] : [`requirepass "${password}"`]),
    ...(user ? [`user ${user.name} on ">${user.password}" ${user.rules.join(' ')}`] : []),
    ...(tls ? tlsLines(tls) : []),
    ...lines,
  ];
}

/** Of redis.conf: these certificates, and clients without one. */
export function tlsLines({ caFile, certificateFile, keyFile }: NonNullable<RedisOptions['tls']>): string[] {
  return [
    `tls-ca-cert-file ${caFile}`,
    `tls-cert-file ${certificateFile}`,
    `tls-key-file ${keyFile}`,
    'tls-auth-clients no',
  ];
}
