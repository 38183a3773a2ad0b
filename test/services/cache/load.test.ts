import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import type { Entry } from '../../../services/cache/entry.js';
import { loadInTime, makeEntry } from '../../../services/cache/load.js';
import type { CacheRequest } from '../../../services/cache/request.js';
import { deferred, requestOf, turns } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';

const stamp = { root: 'aa', generations: [] };

t.test('given a load in time, its content is given and no timer is left', async (t) => {
  const clock = new ManualClock();
  const given = requestOf(() => 'content');
  t.same(await loadInTime(given, clock, 'absent'), { content: 'content', keep: true });
  await turns(1);
  t.equal(clock.pendingTimers, 0);
});

t.test('given a load that fails, its own error is given and no timer is left', async (t) => {
  const clock = new ManualClock();
  const error = new DashcacheError('source_down');
  const given = requestOf(() => Promise.reject(error));
  await t.rejects(loadInTime(given, clock, 'absent'), error);
  await turns(1);
  t.equal(clock.pendingTimers, 0);
});

t.test('given a load that throws before it returns a promise, that is a failed load', async (t) => {
  const clock = new ManualClock();
  const given: CacheRequest = {
    ...requestOf(() => ''),
    load: () => {
      throw new TypeError('at once');
    },
  };
  await t.rejects(loadInTime(given, clock, 'absent'), new TypeError('at once'));
  await turns(1);
  t.equal(clock.pendingTimers, 0);
});

t.test(
  'given a load that ignores its signal, its readers are told at the deadline by the clock',
  async (t) => {
    const clock = new ManualClock();
    const never = deferred<string>();
    let given: AbortSignal | undefined;
    const asked = loadInTime(
      requestOf(
        (signal) => {
          given = signal;
          return never.promise;
        },
        { policy: { deadlineMs: 500 } },
      ),
      clock,
      'absent',
    );
    let ended: unknown = null;
    asked.catch((error: unknown) => {
      ended = error;
    });
    await turns(1);
    clock.advance(499);
    await turns(1);
    t.equal(ended, null);
    t.equal(given?.aborted, false);
    clock.advance(1);
    await turns(1);
    t.match(ended, { code: 'source_deadline' });
    t.equal(given?.aborted, true);
    t.equal(given?.reason, ended);
    never.resolve('too late');
    await t.rejects(asked, { code: 'source_deadline' });
  },
);

function make(given: {
  content: string;
  nowMs: number;
  previous?: Entry | null;
  request?: CacheRequest;
}): Promise<Entry> {
  const request = given.request ?? requestOf(() => '', { tenant: '7' });
  return makeEntry({ request, stamp, previous: null, random: () => 0, ...given });
}

t.test('given a content, its entry holds key, stamp, instants and the rendered bytes', async (t) => {
  const request = requestOf(() => '', {
    tenant: '7',
    policy: { ttlMs: 100, graceMs: 10, staleIfErrorMs: 20 },
  });
  const entry = await make({ content: 'abc', nowMs: 5000, request });
  t.match(entry, {
    keyHash: request.key.hash,
    tenantHash: request.key.tenantHash,
    stamp,
    storedAtMs: 5000,
    staleAtMs: 5100,
    deleteAtMs: 5120,
    generatedAtMs: 5000,
  });
  t.equal(entry.body.ready('identity')?.toString(), 'abc@5000');
  t.match(entry.etag, /^[\w-]{22}$/);
  t.match(entry.contentHash, /^[\w-]{32}$/);
});

t.test('given equal content again, bytes, ETag and generated_at stay and the instants are new', async (t) => {
  const first = await make({ content: 'abc', nowMs: 5000 });
  const renewed = await make({ content: 'abc', nowMs: 9000, previous: first });
  t.equal(renewed.body, first.body);
  t.equal(renewed.etag, first.etag);
  t.equal(renewed.generatedAtMs, 5000);
  t.equal(renewed.storedAtMs, 9000);
  t.equal(renewed.staleAtMs, 9000 + (first.staleAtMs - 5000));
});

t.test('given other content, everything is new', async (t) => {
  const first = await make({ content: 'abc', nowMs: 5000 });
  const changed = await make({ content: 'abd', nowMs: 9000, previous: first });
  t.equal(changed.body.ready('identity')?.toString(), 'abd@9000');
  t.not(changed.etag, first.etag);
  t.not(changed.contentHash, first.contentHash);
  t.equal(changed.generatedAtMs, 9000);
});

t.test('given a body over 1 KiB, every coding is at hand before anybody asks', async (t) => {
  const entry = await make({ content: 'x'.repeat(2000), nowMs: 0 });
  t.ok(entry.body.ready('br'));
  t.ok(entry.body.ready('gzip'));
});

t.test('given a body of 1 KiB with all around it, no coding is made', async (t) => {
  const entry = await make({ content: 'x'.repeat(1022), nowMs: 0 });
  t.equal(entry.body.identityBytes, 1024);
  t.equal(entry.body.ready('br'), undefined);
  t.equal(entry.body.ready('gzip'), undefined);
});

t.test('given text beyond ASCII, the bytes are its UTF-8', async (t) => {
  const entry = await make({ content: 'Köln 😀', nowMs: 1 });
  t.same(entry.body.ready('identity'), Buffer.from('Köln 😀@1', 'utf8'));
});
