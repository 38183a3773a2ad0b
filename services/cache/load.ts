import { createHash } from 'node:crypto';
import { DashcacheError } from '../../errors.js';
import type { Clock } from '../clock.js';
import { Body } from './body.js';
import type { Entry } from './entry.js';
import type { LoadCause } from './inspection.js';
import { HASH_BYTES } from './key.js';
import { type CachePolicy, instantsOf } from './policy.js';
import type { CacheRequest, LoadedContent } from './request.js';
import type { Stamp } from './stamp.js';

const ETAG_BYTES = 16;

/** Runs the request's load; rejects at its deadline even when the load does not listen to the signal. */
export function loadInTime(request: CacheRequest, clock: Clock, cause: LoadCause): Promise<LoadedContent> {
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    const cancel = clock.after(request.policy.deadlineMs, () => {
      const late = new DashcacheError('source_deadline');
      controller.abort(late);
      reject(late);
    });
    // A load that throws before it returns a promise is a failed load like any other.
    Promise.resolve()
      .then(() => request.load(controller.signal, cause))
      .then((loaded) => (typeof loaded === 'string' ? { content: loaded, keep: true } : loaded))
      .then(resolve, reject)
      .finally(cancel);
  });
}

/**
 * The entry of a loaded content. Equal content renews the previous entry: same bytes, same generated_at, same ETag, so
 * that clients go on getting 304.
 */
export async function makeEntry(options: {
  request: CacheRequest;
  content: string;
  stamp: Stamp;
  previous: Entry | null;
  nowMs: number;
  random: () => number;
}): Promise<Entry> {
  const { request, content, stamp, previous, nowMs } = options;
  const contentHash = hashOf(content, HASH_BYTES);
  const renewed = previous?.contentHash === contentHash ? previous : null;
  const made = renewed ?? bodyOf(request.render(content, nowMs));
  const { body } = made;
  if (body.isCoded) await Promise.all([body.bytes('br'), body.bytes('gzip'), body.bytes('identity')]);
  return {
    keyHash: request.key.hash,
    tenantHash: request.key.tenantHash,
    stamp,
    storedAtMs: nowMs,
    ...instantsOf(request.policy satisfies CachePolicy, nowMs, options.random),
    generatedAtMs: renewed?.generatedAtMs ?? nowMs,
    contentHash,
    etag: made.etag,
    body,
  };
}

function bodyOf(text: string): { etag: string; body: Body } {
  return { etag: hashOf(text, ETAG_BYTES), body: Body.of(Buffer.from(text)) };
}

function hashOf(text: string, bytes: number): string {
  return createHash('sha256').update(text).digest().subarray(0, bytes).toString('base64url');
}
