import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Whether processes can be told on which core to run, so that one does not pay for another. */
export function canPin(): boolean {
  return availableParallelism() >= 2 && spawnSync('taskset', ['-p', String(process.pid)]).status === 0;
}

/** The process and all that it starts from now on run on this core alone. */
export function pinToCore(pid: number, core: number): void {
  const { status, stderr } = spawnSync('taskset', ['-a', '-pc', String(core), String(pid)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`taskset: ${stderr}`);
}
