import t from 'tap';
import { cutFeed } from './support/cut-feed.js';
import { caughtUp, degradedOf, figureOf, watchedShop } from './support/watched-shop.js';

/** Of the issue, from the moment at which a connection is possible again. */
const RIGHT_WITHIN_MS = 2000;
const CHANGES_COUNT = 60;

for (const feed of ['logical', 'notify'] as const)
  t.test(
    `${feed}: the feed's connections are cut while rows are written: it shows, and 2 s after they can be opened every answer is right`,
    async (t) => {
      const shop = await watchedShop(t, { feed });
      const cut = await cutFeed(shop, { changesCount: CHANGES_COUNT });
      t.equal(cut.isNoticed, true, 'dashcache_feed_ok is 0 and readiness says so in both processes');
      t.equal(cut.earlyCount, 0, 'nobody could hear of the changes');
      t.same(cut.effectiveCounts, [CHANGES_COUNT, CHANGES_COUNT]);
      t.ok(
        Math.max(...cut.rightAfterMs) < RIGHT_WITHIN_MS,
        `right after ${cut.rightAfterMs.map(Math.round)} ms`,
      );
      for (const service of shop.services) {
        await caughtUp(service);
        t.same(await degradedOf(service), []);
        t.equal(await figureOf(service, 'feed_ok'), 1);
      }
    },
  );
