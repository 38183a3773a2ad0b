import t from 'tap';
import { guarded, silentObserver } from '../../../services/cache/observer.js';
import { CountingObserver } from '../../helpers/cache-room.js';

t.test('given a guarded observer, it is told everything', async (t) => {
  const observer = new CountingObserver();
  const told = guarded(observer);
  told.operation('look', 3);
  told.event('gaps');
  told.frameRejected('key');
  told.newRoot('lost');
  told.invalidated({ mode: 'purge', cause: 'request', tags: ['a'], taken: true });
  told.switched({ tag: 'a', enabled: false });
  t.same(observer.invalidations, [{ mode: 'purge', cause: 'request', tags: ['a'], taken: true }]);
  t.same(observer.switches, [{ tag: 'a', enabled: false }]);
  for (const name of ['operation:look', 'gaps', 'frame:key', 'root:lost'])
    t.equal(observer.count(name), 1, name);
});

t.test('given an observer that throws, the cache does not notice', async (t) => {
  const broken = (): never => {
    throw new Error('statistics are broken');
  };
  const told = guarded({
    operation: broken,
    event: broken,
    frameRejected: broken,
    newRoot: broken,
    invalidated: broken,
    switched: broken,
  });
  t.doesNotThrow(() => told.operation('look', 1));
  t.doesNotThrow(() => told.event('looks'));
  t.doesNotThrow(() => told.frameRejected('magic'));
  t.doesNotThrow(() => told.newRoot('first'));
  t.doesNotThrow(() => told.invalidated({ mode: 'expire', cause: 'table', tags: [], taken: false }));
  t.doesNotThrow(() => told.switched({ tag: 'a', enabled: true }));
});

t.test('given an observer with a state of its own, its methods keep their this', async (t) => {
  const observer = new CountingObserver();
  const { event } = guarded(observer);
  event('loads');
  t.equal(observer.count('loads'), 1);
});

t.test('given the silent observer, it takes all that can be told', async (t) => {
  t.doesNotThrow(() => {
    silentObserver.operation('look', 1);
    silentObserver.event('looks');
    silentObserver.frameRejected('magic');
    silentObserver.newRoot('first');
    silentObserver.invalidated({ mode: 'purge', cause: 'request', tags: [], taken: true });
    silentObserver.switched({ tag: 'a', enabled: true });
  });
});
