// The writer of bench/write-storm.ts, in a process of its own: tells what was committed when, and at last the rows a second that it reached.
import type { Commit } from '../test/helpers/commits.js';
import { type StormWriterSetup, writeStorm } from '../test/integration/support/storm-writer.js';

export interface WriterMessage {
  readonly commits: readonly Commit[];
  /** With the last ones only. */
  readonly rowsPerSecond?: number;
}

const TELL_EVERY_MS = 100;

let commits: Commit[] = [];
const tell = (message: Omit<WriterMessage, 'commits'>): void => {
  process.send?.({ commits, ...message } satisfies WriterMessage);
  commits = [];
};
const telling = setInterval(() => tell({}), TELL_EVERY_MS);
const setup = JSON.parse(process.argv[2] ?? '') as StormWriterSetup;
const rowsPerSecond = await writeStorm(setup, (commit) => void commits.push(commit));
clearInterval(telling);
tell({ rowsPerSecond });
process.disconnect?.();
