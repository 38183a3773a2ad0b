import type { LoggedChange } from './simulate.js';

/** `2026-11-25T10:00:00Z tasks` */
const LINE = /^(\d{4}-\d{2}-\d{2}T\S+)\s+([^\s.]+(?:\.[^\s.]+)?)\s*$/;

/** Lines of an instant and the table that changed then, in any order. Rejects with the number of a line that is none. */
export async function readChangeLog(lines: AsyncIterable<string>): Promise<LoggedChange[]> {
  const changes: LoggedChange[] = [];
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    const [, at = '', table = ''] = LINE.exec(line) ?? [];
    const atMs = Date.parse(at);
    if (!Number.isFinite(atMs))
      throw new Error(`line ${number} is not an instant and a table, such as 2026-11-25T10:00:00Z tasks`);
    changes.push({ atMs, table });
  }
  return changes.sort((a, b) => a.atMs - b.atMs);
}
