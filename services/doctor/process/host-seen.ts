import { constants } from 'node:fs';
import { access, open, readFile, stat, statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { dirname } from 'node:path';

/** The machine or container that the doctor runs in. */
export interface HostSeen {
  /** Whether the service is asked on loopback: only then is this the host of the service too. */
  readonly isOfService: boolean;
  /** Of Node here, `v20.20.0`. */
  readonly nodeVersion: string;
  /** What the control group allows, else what there is. */
  readonly memoryLimitBytes: number;
  /** Null without LOG_FILE. */
  readonly log: LogFileSeen | null;
}

export interface LogFileSeen {
  readonly path: string;
  /** Why it cannot be written; null: it can. */
  readonly problem: string | null;
  readonly idleMs: number;
  readonly freeBytes: number;
  /** Lines of level error and above among the last. */
  readonly errorsCount: number;
  /** The message of the newest of them. */
  readonly lastError: string | null;
}

const TAIL_BYTES = 512 * 1024;
const ERROR_LEVEL = 50;
const CGROUP_FILES = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'];

/** Looks at this host. Never rejects. */
export async function lookAtHost({
  address,
  logFile,
}: {
  readonly address: string;
  readonly logFile: string | null;
}): Promise<HostSeen> {
  const { hostname } = new URL(address);
  return {
    isOfService: hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.'),
    nodeVersion: process.version,
    memoryLimitBytes: await memoryLimitBytes(),
    log: logFile === null ? null : await lookAtLogFile(logFile),
  };
}

async function memoryLimitBytes(): Promise<number> {
  const texts = await Promise.all(CGROUP_FILES.map((path) => readFile(path, 'utf8').catch(() => 'max')));
  // `max`, or in version 1 a number beyond all memory: no limit.
  const limits = texts.map(Number).filter((bytes) => Number.isFinite(bytes) && bytes > 0);
  return Math.min(totalmem(), ...limits);
}

async function lookAtLogFile(path: string): Promise<LogFileSeen> {
  try {
    await access(path, constants.W_OK);
    const { mtimeMs, size } = await stat(path);
    const { bavail, bsize } = await statfs(dirname(path));
    return {
      path,
      problem: null,
      idleMs: Date.now() - mtimeMs,
      freeBytes: bavail * bsize,
      ...(await errorsIn(path, size)),
    };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { path, problem: code, idleMs: 0, freeBytes: Infinity, errorsCount: 0, lastError: null };
  }
}

async function errorsIn(
  path: string,
  sizeBytes: number,
): Promise<Pick<LogFileSeen, 'errorsCount' | 'lastError'>> {
  const file = await open(path, 'r');
  try {
    const lengthBytes = Math.min(TAIL_BYTES, sizeBytes);
    const { buffer } = await file.read(Buffer.alloc(lengthBytes), 0, lengthBytes, sizeBytes - lengthBytes);
    const errors = buffer.toString('utf8').split('\n').flatMap(errorOf);
    return { errorsCount: errors.length, lastError: errors.at(-1) ?? null };
  } finally {
    await file.close();
  }
}

/** The message of a line of level error; the first line of the tail may be half a one. */
function errorOf(line: string): string[] {
  try {
    const record: unknown = JSON.parse(line);
    if (typeof record !== 'object' || record === null || !('level' in record)) return [];
    const isError = typeof record.level === 'number' && record.level >= ERROR_LEVEL;
    return isError ? ['msg' in record ? String(record.msg) : 'an error'] : [];
  } catch {
    return [];
  }
}
