import t from 'tap';
import { Generations, type Verdict } from '../../../services/cache/generations.js';
import { Barrier } from '../../helpers/barrier.js';
import { type CacheRoom, cacheRoom, requestOf, turns } from '../../helpers/cache-room.js';

/** A process that takes every entry and every running load for current. */
class BlindGenerations extends Generations {
  override compare(): Verdict {
    return { is: 'current' };
  }
}

function blindRoom(): CacheRoom {
  return cacheRoom({ makeGenerations: (parts) => new BlindGenerations(parts) });
}

/**
 * A load has read the old data and is held; the data changes and the purge is acknowledged; a new reader comes; both loads
 * end, the old one last. Gives what went wrong.
 */
async function purgeDuringALoad({ cache, memory, observer }: CacheRoom): Promise<string[]> {
  const wrong: string[] = [];
  const [oldHolds, newHolds] = [new Barrier(), new Barrier()];
  let data = 'old';
  const request = requestOf(async () => {
    const read = data;
    await (read === 'old' ? oldHolds : newHolds).pass();
    return read;
  });
  const early = cache.read(request);
  await oldHolds.arrived();
  data = 'new';
  await cache.invalidate(['panel'], 'purge');
  const late = cache.read(request);
  await turns();
  if (request.loadsCount !== 2) wrong.push('the new reader joined the old load');
  newHolds.open();
  oldHolds.letOne();
  const earlyText = String((await early).entry.body.ready('identity'));
  const lateText = String((await late).entry.body.ready('identity'));
  if (!earlyText.startsWith('old')) wrong.push('the early reader did not get his own load');
  if (!lateText.startsWith('new')) wrong.push('the new reader got the old value');
  await cache.settled();
  const kept = String(memory.read(request.key.hash)?.body.ready('identity'));
  if (!kept.startsWith('new')) wrong.push(`memory keeps ${kept}`);
  const after = String((await cache.read(request)).entry.body.ready('identity'));
  if (!after.startsWith('new')) wrong.push('a reader after it all got the old value');
  if (observer.count('refused_fills') !== 1) wrong.push('the fill of the old load was not refused');
  return wrong;
}

t.test(
  'given a purge during a load, no reader after it meets the old value, and the load fills nothing',
  async (t) => {
    t.same(await purgeDuringALoad(cacheRoom()), []);
  },
);

t.test('given a process that compares nothing, the same check finds the old value', async (t) => {
  const wrong = await purgeDuringALoad(blindRoom());
  t.ok(wrong.includes('the new reader joined the old load'), wrong.join('; '));
  t.ok(wrong.includes('the new reader got the old value'));
  t.ok(wrong.includes('a reader after it all got the old value'));
});

/** As above, but nobody reads between the purge and the end of the old load. */
async function purgeDuringALoadUnread({ cache, memory, observer }: CacheRoom): Promise<string[]> {
  const wrong: string[] = [];
  const holds = new Barrier();
  let data = 'old';
  const request = requestOf(async () => {
    const read = data;
    await holds.pass();
    return read;
  });
  const early = cache.read(request);
  await holds.arrived();
  data = 'new';
  await cache.invalidate(['panel'], 'purge');
  holds.open();
  const answer = await early;
  if (answer.stored) wrong.push('the old value is said to be stored');
  if (memory.read(request.key.hash)) wrong.push('the old value was kept');
  if (observer.count('refused_fills') !== 1) wrong.push('no fill was refused');
  const after = String((await cache.read(request)).entry.body.ready('identity'));
  if (!after.startsWith('new')) wrong.push('a later reader got the old value');
  return wrong;
}

t.test(
  'given a purge during a load that nobody else waits for, its value answers its reader and is not kept',
  async (t) => {
    t.same(await purgeDuringALoadUnread(cacheRoom()), []);
  },
);

t.test('given a process that compares nothing, that check fails too', async (t) => {
  t.ok((await purgeDuringALoadUnread(blindRoom())).includes('a later reader got the old value'));
});

t.test('given a purge during a background refresh, its value is not kept', async (t) => {
  const { cache, clock } = cacheRoom();
  const holds = new Barrier();
  let data = 'v1';
  const request = requestOf(async () => {
    const read = data;
    if (read === 'v2') await holds.pass();
    return read;
  });
  await cache.read(request);
  clock.advance(300_000);
  data = 'v2';
  await cache.read(request);
  await holds.arrived();
  data = 'v3';
  await cache.invalidate(['panel'], 'purge');
  holds.open();
  await cache.settled();
  const answer = await cache.read(request);
  t.equal(answer.outcome, 'miss');
  t.match(String(answer.entry.body.ready('identity')), /^v3/);
});

t.test('given a purge during a bypassing load, a later bypass does not join it', async (t) => {
  const { cache } = cacheRoom();
  const holds = new Barrier();
  let data = 'old';
  const request = requestOf(async () => {
    const read = data;
    if (read === 'old') await holds.pass();
    return read;
  });
  const early = cache.bypass(request);
  await holds.arrived();
  data = 'new';
  await cache.invalidate(['panel'], 'purge');
  const late = await cache.bypass(request);
  t.match(String(late.entry.body.ready('identity')), /^new/);
  holds.open();
  t.match(String((await early).entry.body.ready('identity')), /^old/);
});

t.test('given a purge of one of its tags, whichever it is, an entry is gone', async (t) => {
  const tags = ['all', 'dashboard', 'panel', 'table', 'tenant'];
  for (const tag of tags) {
    const { cache } = cacheRoom();
    let version = 0;
    const request = requestOf(() => `v${++version}`, { tags });
    await cache.read(request);
    await cache.invalidate([tag], 'purge');
    t.hasStrict(await cache.read(request), { outcome: 'miss' }, tag);
  }
});

t.test('given a failed load after a purge, the purged value is never the fallback', async (t) => {
  const { cache, clock } = cacheRoom();
  let fails = false;
  const request = requestOf(() => (fails ? Promise.reject(new Error('down')) : 'old'));
  await cache.read(request);
  await cache.invalidate(['panel'], 'purge');
  fails = true;
  await t.rejects(cache.read(request), /down/);
  clock.advance(400_000);
  await t.rejects(cache.read(request), /down/);
});
