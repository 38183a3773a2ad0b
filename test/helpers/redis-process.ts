import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { connect, Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';

const READY_WITHIN_MS = 10_000;

/** A running redis-server, as server, node of a cluster or sentinel. */
export interface RedisProcess {
  readonly pid: number;
  /** Resolves when it is gone, whoever ended it. */
  readonly ended: Promise<void>;
  /** SIGKILL; resolves as `ended`. */
  end(): Promise<void>;
}

export interface RedisProcessOptions {
  /** Its own, empty; removed with the test process, and by whoever made it. */
  readonly folder: string;
  readonly port: number;
  /** Of redis.conf, without `port`, `bind` and `dir`. */
  readonly lines: readonly string[];
  /** Command-line arguments, e.g. ['--sentinel']. */
  readonly args?: readonly string[];
  /** The port speaks TLS alone. */
  readonly isTls?: boolean;
  /** Variables beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Starts redis-server (from PATH or REDIS_SERVER) on a port of 127.0.0.1 and waits until it answers. It ends with this process,
 * whether that exits, is signalled or is killed.
 */
export async function startRedisProcess(options: RedisProcessOptions): Promise<RedisProcess> {
  const { folder, port, isTls = false } = options;
  const file = join(folder, 'redis.conf');
  const ports = isTls ? ['port 0', `tls-port ${port}`] : [`port ${port}`];
  writeFileSync(file, [...ports, 'bind 127.0.0.1', `dir ${folder}`, ...options.lines, ''].join('\n'));
  const child = spawn(process.env['REDIS_SERVER'] ?? 'redis-server', [file, ...(options.args ?? [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
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
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const running = watched(child, folder, ended);
  const answered = await Promise.race([answersPing(port, isTls), ended.then(() => false)]);
  if (!answered || child.exitCode !== null) {
    await running.end();
    // Its last words may come after its exit.
    await closed;
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

/** Ends the server with this process, whether that exits, is signalled or is killed. */
function watched(child: ChildProcess, folder: string, ended: Promise<void>): RedisProcess {
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

async function answersPing(port: number, isTls: boolean): Promise<boolean> {
  const untilMs = performance.now() + READY_WITHIN_MS;
  while (performance.now() < untilMs) {
    if (await pings(port, isTls)) return true;
    await sleep(20);
  }
  return false;
}

function pings(port: number, isTls: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const ping = () => socket.write('PING\r\n');
    const socket = isTls
      ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }, ping)
      : connect(port, '127.0.0.1', ping);
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(500, () => end(false));
    // One that wants a password first is there too.
    socket.once('data', (data) => end(/^(\+PONG|-NOAUTH)/.test(data.toString())));
    socket.once('error', () => end(false));
  });
}
