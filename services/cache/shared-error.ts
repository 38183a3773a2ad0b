import { DashcacheError, ERRORS, type ErrorCode } from '../../errors.js';

/**
 * A failed load's error as the other processes get it: only what a stranger may read. Null for an error that is none of ours, which
 * cannot be made again elsewhere, and for one that is about this process alone: each process meets them by itself.
 */
export function writeSharedError(error: unknown): string | null {
  if (!(error instanceof DashcacheError) || error.code === 'service_overloaded') return null;
  const { code, message, retryAfterSeconds } = error;
  return JSON.stringify({ code, detail: message, retryAfterSeconds });
}

/** Whatever cannot be read, e.g. of another version, is a failure all the same. */
export function readSharedError(text: string): DashcacheError {
  try {
    const { code, detail, retryAfterSeconds }: Record<string, unknown> = JSON.parse(text);
    return new DashcacheError(isCode(code) ? code : 'internal', {
      ...(typeof detail === 'string' ? { detail } : {}),
      ...(typeof retryAfterSeconds === 'number' ? { retryAfterSeconds } : {}),
    });
  } catch {
    return new DashcacheError('internal');
  }
}

function isCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code);
}
