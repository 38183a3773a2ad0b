import { type Check, check, type Found, foundIf, type Seen } from '../check.js';
import type { Facts, Sample } from '../facts.js';
import { someOf } from '../words.js';

const LAG_MAX_SECONDS = 10;
/** A poll feed looks once a minute. */
const POLL_LAG_MAX_SECONDS = 120;

/** Whether changes of sources are heard, all of them and soon. */
export const feedChecks: readonly Check[] = [
  check({
    id: 'feed-lag',
    group: 'source',
    severity: 'error',
    what: 'The change feed of a source is heard, and has told all but the last seconds',
    fix: 'see the log for why it is ill; a long transaction holds a logical feed back (pg_stat_activity), a proxy may cut its line',
    needs: ['figures', 'definitions'],
    run: ({ figures, definitions: { sources } }) =>
      samplesOf(figures, 'dashcache_feed_incomplete_seconds').flatMap(({ labels, value }) => {
        const { source = '' } = labels;
        const definition = sources.get(source);
        const isPoll = definition?.type === 'postgres' && definition.changes?.feed === 'poll';
        const isOk = figures.some(
          ({ name, labels: { source: of }, value: ok }) =>
            name === 'dashcache_feed_ok' && of === source && ok === 1,
        );
        const isLate = value > (isPoll ? POLL_LAG_MAX_SECONDS : LAG_MAX_SECONDS);
        return foundIf(!isOk || isLate, () => ({
          evidence: `${source}: ${isOk ? 'heard' : 'not heard'}, complete up to ${
            Number.isFinite(value) ? `${Math.round(value)} s ago` : 'no instant yet'
          }`,
        }));
      }),
  }),
  check({
    id: 'feed-gaps',
    group: 'source',
    severity: 'warning',
    what: 'The connection of a change feed lasts',
    fix: 'look for what cuts it: idle limits of a firewall or proxy, wal_sender_timeout; each gap loads the whole source anew',
    needs: ['figures'],
    run: ({ figures }) => {
      // One gap is that of the beginning.
      const often = samplesOf(figures, 'dashcache_feed_gaps_total').filter(({ value }) => value > 3);
      return often.map(({ labels, value }) => ({
        evidence: `${labels['source']}: ${value} gaps since the start`,
      }));
    },
  }),
  check({
    id: 'feed-installed',
    group: 'source',
    severity: 'error',
    what: 'The database has all that the change feed needs',
    fix: 'run `dashcache changes install`',
    needs: ['sources'],
    run: (facts) => ofEach(facts, ({ faults }) => faults.map((fault) => ({ evidence: fault }))),
  }),
  check({
    id: 'feed-tables',
    group: 'source',
    severity: 'warning',
    what: 'The feed of a source watches every table that its panels read',
    fix: 'name them in `changes.tables` and run `dashcache changes install`, or say `ttl_only: true` on the panels',
    needs: ['sources'],
    run: (facts) =>
      ofEach(facts, ({ unheard }) =>
        foundIf(unheard.length > 0, () => ({
          evidence: `changes of ${someOf(unheard)} are heard by nobody`,
        })),
      ),
  }),
];

function samplesOf(figures: readonly Sample[], wanted: string): Sample[] {
  return figures.filter(({ name }) => name === wanted);
}

function ofEach(
  { sources }: Pick<Facts, 'sources'>,
  judge: (feed: { faults: readonly string[]; unheard: readonly string[] }) => readonly Found[],
): readonly Seen[] {
  return sources.flatMap(({ definition: { name }, feed }): readonly Seen[] => {
    if (feed === null) return [];
    if (!feed.known) return [{ unseen: `the feed of ${name}: ${feed.reason}` }];
    return judge(feed.value).map((found) => ({ ...found, evidence: `${name}: ${found.evidence}` }));
  });
}
