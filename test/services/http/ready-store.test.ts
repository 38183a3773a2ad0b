import t from 'tap';
import type { CacheAnswer } from '../../../services/cache/answer.js';
import { type Answered, ReadyStore } from '../../../services/http/ready-store.js';
import type { Question } from '../../../services/questions.js';

const PLACES_MAX_COUNT = 10_000;

/** A whole dashboard that had to be read: all that can be learned of it is where its address leads. */
function readDashboard(): Answered {
  const question = { dashboard: {}, panels: [], panelId: null, meaning: 'a' } as unknown as Question;
  const answers = [{ outcome: 'miss', layer: 'source' } as CacheAnswer];
  return { question, answers } as unknown as Answered;
}

t.test('given as many spellings of addresses as anybody likes, a bounded number is known', async (t) => {
  const store = new ReadyStore({ maxBytes: 1000, requestOf: () => t.fail('nothing is asked') as never });
  const answered = readDashboard();
  for (let i = 0; i < PLACES_MAX_COUNT; i++) store.learn(`/${i}?a=${i}`, '', answered);
  t.match(store.placeOf('/0?other'), { panelId: null }, 'whatever its query says');
  t.ok(store.placeOf(`/${PLACES_MAX_COUNT - 1}`));
  store.learn('/one-more', '', answered);
  t.ok(store.placeOf('/one-more'));
  const known = Array.from({ length: PLACES_MAX_COUNT }, (_, i) => store.placeOf(`/${i}`)).filter(Boolean);
  t.ok(known.length < PLACES_MAX_COUNT, `${known.length} of those before`);
  store.learn('/0', '', answered);
  t.ok(store.placeOf('/0'), 'learned again with its next answer');
  store.clear();
  t.equal(store.placeOf('/0'), undefined);
});
