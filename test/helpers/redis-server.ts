import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_WITHIN_MS = 10_000;

export interface RedisOptions {
  /** More command-line arguments, e.g. ['--maxmemory', '10mb', '--cluster-enabled', 'yes']. */
  readonly args?: readonly string[];
  /** Keep an append-only file, so that `restart` finds the data again. Default: a restart begins empty. */
  readonly persistent?: boolean;
  /** An ACL user; `url` then logs in as this user, `adminUrl` stays the default user. Rules as in ACL SETUSER. */
  readonly user?: { readonly name: string; readonly password: string; readonly rules: readonly string[] };
}

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

interface Running {
  readonly pid: number;
  readonly ended: Promise<void>;
  end(): Promise<void>;
}

class LocalRedis implements RedisServer {
  readonly url: string;
  readonly adminUrl: string;
  #running: Running;

  constructor(
    readonly folder: string,
    readonly port: number,
    readonly options: RedisOptions,
    running: Running,
  ) {
    const { user } = options;
    this.adminUrl = `redis://127.0.0.1:${port}`;
    this.url = user
      ? `redis://${user.name}:${encodeURIComponent(user.password)}@127.0.0.1:${port}`
      : this.adminUrl;
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

async function launch(folder: string, port: number, options: RedisOptions): Promise<Running> {
  const file = join(folder, 'redis.conf');
  writeFileSync(file, configuration(folder, port, options));
  const child = spawn(process.env['REDIS_SERVER'] ?? 'redis-server', [file, ...(options.args ?? [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      output = (output + text).slice(-4000);
    });
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve();
    });
    child.once('exit', () => resolve());
  });
  const running = watched(child, folder, ended);
  const answered = await Promise.race([answersPing(port), ended.then(() => false)]);
  if (!answered || child.exitCode !== null) {
    await running.end();
    throw new Error(`redis-server did not start on port ${port}:\n${output}`);
  }
  release(child);
  return running;
}

/** An idle server must not keep a finished test process alive: the watchers below end it then. */
function release(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdout, child.stderr]) if (stream instanceof Socket) stream.unref();
}

function configuration(folder: string, port: number, { persistent, user }: RedisOptions): string {
  return [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    'save ""',
    `appendonly ${persistent ? 'yes' : 'no'}`,
    'appendfsync always',
    ...(user ? [`user ${user.name} on >${user.password} ${user.rules.join(' ')}`] : []),
    '',
  ].join('\n');
}

/** Ends the server with this process, whether that exits, is signalled or is killed. */
function watched(child: ChildProcess, folder: string, ended: Promise<void>): Running {
  const { pid } = child;
  if (pid === undefined) return { pid: 0, ended, end: () => ended };
  const atExit = () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', atExit);
  // Its standard input ends when this process ends in any way; then it kills the server, by its pid alone.
  const dog = spawn(
    'sh',
    ['-c', 'read -r line || { kill -KILL "$1"; rm -rf "$2"; }', 'sh', `${pid}`, folder],
    {
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  );
  dog.unref();
  dog.stdin.on('error', () => {});
  if (dog.stdin instanceof Socket) dog.stdin.unref();
  return {
    pid,
    ended,
    async end() {
      process.removeListener('exit', atExit);
      dog.stdin.end('done\n');
      child.ref();
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function answersPing(port: number): Promise<boolean> {
  const untilMs = performance.now() + READY_WITHIN_MS;
  while (performance.now() < untilMs) {
    if (await pings(port)) return true;
    await sleep(20);
  }
  return false;
}

function pings(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(500, () => end(false));
    socket.once('data', (data) => end(data.toString().startsWith('+PONG')));
    socket.once('error', () => end(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object'
          ? resolve(address.port)
          : reject(new Error('No free port')),
      );
    });
  });
}
