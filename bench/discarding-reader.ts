import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lifetime } from '../test/helpers/lifetime.js';

/** Where Debian has it. */
const PG_RECVLOGICAL = '/usr/bin/pg_recvlogical';

export function canDiscard(): boolean {
  return existsSync(PG_RECVLOGICAL);
}

/** Reads what a logical feed reads and throws it away, in C: what any feed by this publication costs at least. */
export async function startDiscardingReader(
  life: Lifetime,
  { url, publication }: { url: string; publication: string },
): Promise<void> {
  const { hostname, port, username, pathname } = new URL(url);
  const place = ['-h', hostname, '-p', port, '-U', username, '-d', pathname.slice(1), '--slot', 'discarded'];
  const created = spawn(PG_RECVLOGICAL, [...place, '--create-slot', '--plugin', 'pgoutput']);
  await once(created, 'exit');
  const options = ['proto_version=1', `publication_names=${publication}`, 'messages=true'];
  const child = spawn(PG_RECVLOGICAL, [
    ...place,
    '--start',
    '--file',
    '/dev/null',
    ...options.flatMap((option) => ['--option', option]),
  ]);
  life.teardown(() => child.kill());
  await sleep(500);
  if (child.exitCode !== null) throw new Error(`pg_recvlogical has ended: ${child.exitCode}`);
}
