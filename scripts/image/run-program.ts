import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export type OnLine = (line: string) => void;

/** How many of its last lines explain why a program failed. */
const TAIL_COUNT = 40;

/** Runs a program that takes a while and hands over what it prints, line by line. Rejects with its last lines when it fails. */
export async function runProgram(program: string, args: readonly string[], onLine: OnLine): Promise<void> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  const tail: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      tail.push(line);
      if (tail.length > TAIL_COUNT) tail.shift();
      onLine(line);
    });
  }
  const exitCode = await new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 0));
  });
  if (exitCode !== 0) throw new Error(`${program} ${args[0]} failed (${exitCode}):\n${tail.join('\n')}`);
}
