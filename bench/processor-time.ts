import { readdirSync, readFileSync } from 'node:fs';

/** Whose time it was; processes of others count as nobody's. */
export type Spender = 'backends' | 'walsender' | 'reader';

/** Processor time so far (ms) of the children of a postmaster and of whoever reads its log; empty where there is no /proc. */
export function processorTime(postmasterPid: number): ReadonlyMap<Spender, number> {
  const sums = new Map<Spender, number>();
  for (const pid of processes()) {
    try {
      const spender = spenderOf(pid, postmasterPid);
      if (spender) sums.set(spender, (sums.get(spender) ?? 0) + spentMs(pid));
    } catch {
      // Ended meanwhile.
    }
  }
  return sums;
}

function processes(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function spenderOf(pid: string, postmasterPid: number): Spender | null {
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  const [, parentPid] = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
  if (Number(parentPid) === postmasterPid)
    return command.startsWith('postgres: walsender') ? 'walsender' : 'backends';
  const isOurs = Number(parentPid) === process.pid;
  return isOurs && /feed-process-program|pg_recvlogical/.test(command) ? 'reader' : null;
}

/** All threads, by the scheduler's own count. */
function spentMs(pid: string): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const spentNs = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return spentNs.reduce((sum, ns) => sum + ns, 0) / 1e6;
}
