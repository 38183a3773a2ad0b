import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { childEnvironment } from './start-service.js';
import { tempFolder } from './temp-folder.js';

const ENDS_WITHIN_MS = 20_000;

/** Runs a program to its own end; its exit code is null when it had to be killed. */
export function ends(
  t: Test,
  program: string,
  /** How long it may go on after its last output, once there is one. */
  afterOutputMs = ENDS_WITHIN_MS,
): Promise<{ code: number | null; output: string }> {
  const file = join(tempFolder(t), 'program.mts');
  writeFileSync(file, program);
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), file], {
    env: childEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const killAfter = (ms: number) => setTimeout(() => child.kill('SIGKILL'), ms);
  let killer = killAfter(ENDS_WITHIN_MS);
  child.stdout.on('data', (text) => {
    output += text;
    clearTimeout(killer);
    killer = killAfter(afterOutputMs);
  });
  return new Promise((resolve) => {
    child.once('close', (code) => {
      clearTimeout(killer);
      resolve({ code, output });
    });
  });
}
