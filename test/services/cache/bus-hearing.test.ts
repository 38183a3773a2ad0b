import t from 'tap';
import { BusHearing } from '../../../services/cache/bus-hearing.js';
import { CountingObserver } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';

const CHECK_MS = 250;

function setUp() {
  const [clock, observer] = [new ManualClock(), new CountingObserver()];
  let newsCount = 0;
  const hearing = new BusHearing({ clock, observer, place: () => String(newsCount) });
  hearing.start();
  const news = () => {
    newsCount++;
  };
  return { clock, hearing, news, count: () => observer.count('unannounced_news') };
}

t.test('given no news, silence is peace', async (t) => {
  const { clock, hearing, count } = setUp();
  clock.advance(10 * CHECK_MS);
  hearing.heard();
  clock.advance(10 * CHECK_MS);
  t.equal(count(), 0);
});

t.test('given news without a message, it is counted once, when a message would be late', async (t) => {
  const { clock, news, count } = setUp();
  news();
  news();
  clock.advance(2 * CHECK_MS - 1);
  t.equal(count(), 0);
  clock.advance(1);
  t.equal(count(), 1);
  clock.advance(10 * CHECK_MS);
  t.equal(count(), 1);
});

t.test('given a message just before or just after the news is found, it is announced', async (t) => {
  const { clock, hearing, news, count } = setUp();
  clock.advance(CHECK_MS - 1);
  hearing.heard();
  clock.advance(1);
  news();
  clock.advance(2 * CHECK_MS);
  t.equal(count(), 0, 'before');
  clock.advance(10 * CHECK_MS);
  news();
  clock.advance(CHECK_MS);
  hearing.heard();
  clock.advance(CHECK_MS);
  t.equal(count(), 0, 'after');
});

t.test('given messages long ago, they announce nothing new', async (t) => {
  const { clock, hearing, news, count } = setUp();
  hearing.heard();
  clock.advance(4 * CHECK_MS);
  for (let i = 0; i < 3; i++) {
    news();
    clock.advance(CHECK_MS);
  }
  clock.advance(CHECK_MS);
  t.equal(count(), 3);
});

t.test('given the end, nothing is checked any more', async (t) => {
  const { clock, hearing, news, count } = setUp();
  news();
  hearing.close();
  t.equal(clock.pendingTimers, 0);
  clock.advance(10 * CHECK_MS);
  t.equal(count(), 0);
});
