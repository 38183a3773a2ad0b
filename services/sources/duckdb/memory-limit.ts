import { totalmem } from 'node:os';

const MOST_BYTES = 1024 ** 3;
const SHARE_OF_MACHINE = 1 / 2;
/** The rest is for the process and the entries in its memory. */
const SHARE_OF_CONTAINER = 1 / 3;

export interface Room {
  /** Of the machine. */
  readonly totalBytes: number;
  /** Of the container; 0 or more than the machine has: there is no limit. */
  readonly constrainedBytes: number;
}

/** What a database may take of the memory of the machine, or of the container that it runs in: beyond that it is killed with all else. */
export function memoryLimitBytes(
  { totalBytes, constrainedBytes }: Room = {
    totalBytes: totalmem(),
    constrainedBytes: process.constrainedMemory(),
  },
): number {
  const isConstrained = constrainedBytes > 0 && constrainedBytes < totalBytes;
  return Math.min(
    MOST_BYTES,
    isConstrained ? constrainedBytes * SHARE_OF_CONTAINER : totalBytes * SHARE_OF_MACHINE,
  );
}
