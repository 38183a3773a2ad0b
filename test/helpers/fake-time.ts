import { spawnSync } from 'node:child_process';

/**
 * Environment of a process whose wall clock stands that far from ours (libfaketime). Its monotonic clock and its timers are the real
 * ones: that is what a host with a wrong clock has.
 */
export function fakeTime(offsetSeconds: number): Record<string, string> {
  // The program knows where its library is. It is not what runs the process: it would stand between that and its signals.
  const program = process.env['FAKETIME_PROGRAM'] ?? 'faketime';
  const asked = spawnSync(program, ['-m', '-f', '+0s', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' });
  const library = asked.stdout?.trim();
  if (!library) throw new Error(`${program} did not tell its library: ${asked.error ?? asked.stderr}`);
  const offset = `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}s`;
  return { LD_PRELOAD: library, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}
