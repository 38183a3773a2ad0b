import t from 'tap';
import { turns } from './cache-room.js';
import { NamedBarriers } from './named-barriers.js';

t.test('a point that is not held is passed, one that is held is not, until it is opened', async (t) => {
  const points = new NamedBarriers();
  points.hold('before the fill');
  await points.pass('before the query');
  const work = points.pass('before the fill').then(() => points.pass('after the fill'));
  await points.arrived('before the fill');
  await turns();
  t.same(points.passed, ['before the query']);
  points.open('before the fill');
  await work;
  await points.pass('before the fill');
  t.same(points.passed, ['before the query', 'before the fill', 'after the fill', 'before the fill']);
});

t.test('one let through leaves the others, and all points open at once', async (t) => {
  const points = new NamedBarriers();
  points.hold('a');
  points.hold('b');
  const passing = [points.pass('a'), points.pass('a'), points.pass('b')];
  await points.arrived('a', 2);
  points.letOne('a');
  await passing[0];
  await turns();
  t.same(points.passed, ['a']);
  points.openAll();
  await Promise.all(passing);
  t.same([...points.passed].sort(), ['a', 'a', 'b']);
});

t.test('waiting at a point that nobody holds is a fault of the test', (t) => {
  const points = new NamedBarriers();
  t.throws(() => points.arrived('misspelt'), /Nobody is held at "misspelt"/);
  t.throws(() => points.open('misspelt'));
  t.end();
});
