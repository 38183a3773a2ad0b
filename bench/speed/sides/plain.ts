import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Lifetime } from '../../../test/helpers/lifetime.js';
import { tempFolder } from '../../../test/helpers/temp-folder.js';
import { onServerCore } from '../measure.js';
import { type HeadKind, requestText, type Side } from '../side.js';
import { type DashcacheOptions, linesOf, sentByDashcache } from './dashcache.js';
import { startRedisBesideLoad } from './redis.js';

export interface PlainOptions extends DashcacheOptions {
  /** A file in this folder or in that of the peers, and what it is told beside the file of the bytes. */
  readonly program: string;
  readonly words?: readonly string[];
  readonly needsRedis?: boolean;
  /** Under how many names Redis has the bytes; default 1. */
  readonly entriesCount?: number;
  /** Header lines that only this side is asked with. */
  readonly askedLines?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Of a head as it is sent to dashcache, less what only that has. */
  readonly head: HeadKind;
}

/** A server of a few lines that sends by its own means the very bytes that dashcache sends. */
export function plainSide(options: PlainOptions): Side {
  return {
    name: options.name,
    async start(life) {
      const { environment: _own, entriesCount = 1, ...asked } = options;
      const sent = await kept(options, () => sentByDashcache(life, asked));
      const file = join(tempFolder(life), 'body');
      writeFileSync(file, sent.body);
      const redis = options.needsRedis ? await startRedisBesideLoad(life) : null;
      const environment = redis ? { REDIS_URL: redis.url } : {};
      const port = await startProgram(life, { ...options, environment }, [
        file,
        sent.headers.get('content-encoding') ?? 'identity',
        String(entriesCount),
      ]);
      const tag = options.isUnchanged ? ['if-none-match: "constant"'] : [];
      const lines = [...(await linesOf(options)), ...(options.askedLines ?? []), ...tag];
      return {
        port,
        requests: pathsOf(entriesCount).map((path) => requestText(path, 'short', lines)),
        areOwn: entriesCount > 1,
        status: options.isUnchanged ? 304 : 200,
        // Each of its answers waits for it.
        isShared: options.name.startsWith('ioredis'),
        stop: async () => {},
      };
    },
  };
}

function pathsOf(entriesCount: number): readonly string[] {
  if (entriesCount === 1) return ['/constant'];
  return Array.from({ length: entriesCount }, (_, entry) => `/constant/${entry}`);
}

const sentBefore = new Map<string, ReturnType<typeof sentByDashcache>>();

/** One service tells what it sends for all rounds. */
function kept(options: PlainOptions, ask: () => ReturnType<typeof sentByDashcache>) {
  const key = JSON.stringify([options.kib, options.head, options.isOpen, options.lines]);
  const known = sentBefore.get(key) ?? ask();
  sentBefore.set(key, known);
  return known;
}

/** Resolves to its port when it listens. */
export async function startProgram(
  life: Lifetime,
  { program, words = [], environment = {} }: Pick<PlainOptions, 'program' | 'words' | 'environment'>,
  more: readonly string[],
): Promise<number> {
  const file = fileURLToPath(new URL(program, import.meta.url));
  const [command, ...all] = onServerCore([process.execPath, '--import', 'tsx', file, ...words, ...more]);
  const child = spawn(command, all, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  life.teardown(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'close');
  });
  const [chunk] = (await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'close').then(() => {
      throw new Error(`${program} ended before it listened`);
    }),
  ])) as [Buffer];
  return Number(String(chunk));
}
