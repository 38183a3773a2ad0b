import t from 'tap';
import { changesInAnswers } from './support/changes-in-answers.js';
import { changesOfAllKinds } from './support/changes-of-all-kinds.js';
import { changesWithoutEffect } from './support/changes-without-effect.js';
import { watchedShop } from './support/watched-shop.js';

t.test('two processes that hear of changes by logical', async (t) => {
  const shop = await watchedShop(t, { feed: 'logical' });
  await t.test('a change without effect', (t) => changesWithoutEffect(t, shop));
  await t.test('what is committed', (t) => changesInAnswers(t, shop));
  await t.test('whatever writes', (t) => changesOfAllKinds(t, shop));
});
