import { spawnSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { type RedisServer, startRedis } from './redis-server.js';
import { tempFolder } from './temp-folder.js';

export interface JumpingRedis {
  readonly server: RedisServer;
  /** The clock of its host, not the monotonic one, stands so far from the real one from now on. */
  jumpTo(offsetMs: number): void;
}

/** A real redis-server under libfaketime (Debian's package faketime). */
export async function startJumpingRedis(t: Test): Promise<JumpingRedis> {
  const file = join(tempFolder(t), 'clock');
  const jumpTo = (offsetMs: number) => {
    writeFileSync(`${file}.new`, `${offsetMs < 0 ? '' : '+'}${offsetMs / 1000}\n`);
    // In one step: the library reads it at every question.
    renameSync(`${file}.new`, file);
  };
  jumpTo(0);
  const environment = {
    // Before jemalloc, which asks for the time while it starts, when the library cannot answer yet.
    LD_PRELOAD: `${fakingLibrary()}:libc.so.6`,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    // The same under the name that version 0.9.8 and earlier know.
    DONT_FAKE_MONOTONIC: '1',
  };
  const server = await startRedis({ environment });
  t.teardown(() => server.stop());
  return { server, jumpTo };
}

/** Where the program itself finds it. */
function fakingLibrary(): string {
  const { stdout, error } = spawnSync('faketime', ['-f', '+0', 'printenv', 'LD_PRELOAD'], {
    encoding: 'utf8',
  });
  if (error) throw new Error("faketime, of Debian's package of this name, is not in PATH", { cause: error });
  return stdout.trim();
}
