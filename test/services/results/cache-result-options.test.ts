import t from 'tap';
import { readOptions } from '../../../services/results/cache-result-options.js';

async function totals(siteId: number): Promise<number> {
  return siteId;
}

/** What a program without types may write. */
function read(options: unknown, fn: unknown = totals) {
  return Reflect.apply(readOptions, undefined, [fn, options]);
}

t.test('options left out have their defaults', (t) => {
  t.same(readOptions(totals, { ttl: '5m' }), {
    keyPrefix: 'totals',
    policy: {
      ttlMs: 300_000,
      graceMs: 0,
      staleIfErrorMs: 0,
      deadlineMs: 30_000,
      softDeadlineMs: null,
      unproven: 'allow',
      maxStalenessMs: null,
    },
    key: null,
    unless: null,
  });
  t.end();
});

t.test('options given are taken', (t) => {
  const key = (siteId: number) => String(siteId);
  const unless = (siteId: number) => siteId === 0;
  const settings = readOptions(totals, {
    ttl: '1.5h',
    keyPrefix: 'site totals',
    grace: '1m',
    staleIfError: '1d',
    deadline: '250ms',
    key,
    unless,
  });
  t.match(settings, {
    keyPrefix: 'site totals',
    policy: { ttlMs: 5_400_000, graceMs: 60_000, staleIfErrorMs: 86_400_000, deadlineMs: 250 },
  });
  t.equal(settings.key, key);
  t.equal(settings.unless, unless);
  t.end();
});

t.test('timeout, the old name, means the same in seconds', (t) => {
  t.same(readOptions(totals, { timeout: 300 }), readOptions(totals, { ttl: '300s' }));
  t.equal(readOptions(totals, { timeout: 0.25 }).policy.ttlMs, 250);
  t.equal(readOptions(totals, { timeout: 0 }).policy.ttlMs, 0);
  t.end();
});

const REFUSED: readonly (readonly [title: string, options: unknown, message: RegExp])[] = [
  ['neither ttl nor timeout', {}, /exactly one of "ttl".*"timeout"/],
  ['no options', undefined, /exactly one of "ttl".*"timeout"/],
  ['both ttl and timeout', { ttl: '5m', timeout: 300 }, /exactly one of "ttl".*"timeout"/],
  ['a ttl without a unit', { ttl: 300 }, /"ttl" must be a duration with its unit.*not 300/],
  ['a ttl in words', { ttl: '5 minutes' }, /"ttl" must be a duration.*not "5 minutes"/],
  ['a ttl below nothing', { ttl: '-5m' }, /"ttl" must be a duration/],
  ['a ttl longer than a year', { ttl: '367d' }, /"ttl" is too long: at most 366d/],
  ['a timeout in words', { timeout: '300' }, /"timeout" must be a number of seconds/],
  ['a timeout below nothing', { timeout: -1 }, /"timeout" must be a number of seconds/],
  ['a timeout without end', { timeout: Number.POSITIVE_INFINITY }, /"timeout" must be a number of seconds/],
  ['a timeout that is no number', { timeout: Number.NaN }, /"timeout" must be a number of seconds/],
  ['no timeout at all', { timeout: null }, /"timeout" must be a number of seconds/],
  ['a deadline of nothing', { ttl: '5m', deadline: '0s' }, /"deadline" must be longer than nothing/],
  ['a deadline beyond timers', { ttl: '5m', deadline: '30d' }, /"deadline" is too long: at most 1h/],
  ['a grace without a unit', { ttl: '5m', grace: 60 }, /"grace" must be a duration/],
  ['a wrong stale-if-error', { ttl: '5m', staleIfError: '' }, /"staleIfError" must be a duration.*not ""/],
  ['an unknown option', { ttl: '5m', key_prefix: 'x' }, /no option "key_prefix"; it has ttl, .*keyPrefix/],
  ['an empty prefix', { ttl: '5m', keyPrefix: '' }, /needs a "keyPrefix"/],
  ['a prefix that is no text', { ttl: '5m', keyPrefix: 7 }, /"keyPrefix" must be text/],
  ['a very long prefix', { ttl: '5m', keyPrefix: 'x'.repeat(129) }, /1 to 128 characters/],
  ['a key that is no function', { ttl: '5m', key: 'x' }, /"key" must be a function.*not "x"/],
  ['an unless that is no function', { ttl: '5m', unless: true }, /"unless" must be a function.*not true/],
];

for (const [title, options, message] of REFUSED)
  t.test(`${title}: a TypeError that says what to write`, (t) => {
    t.throws(() => read(options), { name: 'TypeError', message });
    t.end();
  });

t.test('a function without a name needs a prefix, and is fine with one', (t) => {
  const nameless = (
    () => async () =>
      1
  )();
  t.throws(() => read({ ttl: '5m' }, nameless), { name: 'TypeError', message: /"keyPrefix"/ });
  t.equal(read({ ttl: '5m', keyPrefix: 'one' }, nameless).keyPrefix, 'one');
  t.end();
});

t.test('what is no function is refused', (t) => {
  t.throws(() => read({ ttl: '5m' }, 'totals'), {
    name: 'TypeError',
    message: 'cacheResult caches a function, not totals',
  });
  t.end();
});
