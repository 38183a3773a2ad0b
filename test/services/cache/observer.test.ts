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
  for (const name of ['operation:look', 'gaps', 'frame:key', 'root:lost'])
    t.equal(observer.count(name), 1, name);
});

t.test('given an observer that throws, the cache does not notice', async (t) => {
  const broken = (): never => {
    throw new Error('statistics are broken');
  };
  const told = guarded({ operation: broken, event: broken, frameRejected: broken, newRoot: broken });
  t.doesNotThrow(() => told.operation('look', 1));
  t.doesNotThrow(() => told.event('looks'));
  t.doesNotThrow(() => told.frameRejected('magic'));
  t.doesNotThrow(() => told.newRoot('first'));
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
  });
});
