import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { watchDefinitions } from '../../../services/definitions/watch-definitions.js';
import { ManualClock } from '../../helpers/manual-clock.js';

type Test = { teardown(action: () => void): void };

/** A watched folder, and how often its owner was told. */
function watched(t: Test, folder: string) {
  const clock = new ManualClock();
  let toldCount = 0;
  const watch = watchDefinitions(folder, { clock, onChange: () => toldCount++ });
  t.teardown(() => watch.close());
  return { clock, watch, told: () => toldCount };
}

/** The operating system tells of a change when it likes: waits for the timer that its news sets. */
async function untilPending(clock: ManualClock, count = 1): Promise<void> {
  for (let tries = 0; tries < 400 && clock.pendingTimers < count; tries++)
    await new Promise((done) => setTimeout(done, 5));
}

/** Long enough for news that must not come. */
const aMoment = () => new Promise((done) => setTimeout(done, 60));

t.test('several writes in a row are told of once, when it is quiet', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'id: a' });
  const { clock, told } = watched(t, folder);
  await writeFile(join(folder, 'a.yaml'), 'id: b');
  await untilPending(clock);
  clock.advance(150);
  t.equal(told(), 0, 'not yet quiet for long enough');
  await writeFile(join(folder, 'b.yml'), 'id: c');
  await aMoment();
  clock.advance(150);
  t.equal(told(), 0, 'the second write began the wait anew');
  clock.advance(100);
  t.equal(told(), 1);
  clock.advance(10_000);
  t.equal(told(), 1);
});

t.test('an editor that renames over the file is noticed, again and again', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'id: a' });
  const { clock, told } = watched(t, folder);
  for (const round of [1, 2, 3]) {
    await writeFile(join(folder, 'a.yaml.tmp'), `id: b${round}`);
    await rename(join(folder, 'a.yaml.tmp'), join(folder, 'a.yaml'));
    await untilPending(clock);
    await aMoment();
    clock.advance(300);
    t.equal(told(), round);
  }
});

t.test('files that are no definitions are none of its business', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'id: a' });
  const { clock, told } = watched(t, folder);
  await writeFile(join(folder, 'notes.txt'), 'x');
  await writeFile(join(folder, '.a.yaml.swp'), 'x');
  await aMoment();
  t.equal(clock.pendingTimers, 0);
  clock.advance(1000);
  t.equal(told(), 0);
});

t.test('a link moved as Kubernetes does it is a change', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'id: a' });
  const { clock, told } = watched(t, folder);
  await mkdir(join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  await untilPending(clock);
  await aMoment();
  clock.advance(300);
  t.equal(told(), 1);
});

t.test('a folder that is missing or replaced is found again', async (t) => {
  const parent = t.testdir({ there: { 'a.yaml': 'id: a' } });
  const folder = join(parent, 'there');
  const { clock, told } = watched(t, folder);
  await rm(folder, { recursive: true });
  await untilPending(clock, 2);
  await aMoment();
  clock.advance(300);
  const toldOfRemoval = told();
  t.ok(toldOfRemoval >= 1, 'its removal is a change');
  clock.advance(5000);
  await mkdir(folder);
  await writeFile(join(folder, 'a.yaml'), 'id: b');
  clock.advance(2000);
  clock.advance(300);
  t.ok(told() > toldOfRemoval, 'its return is a change');
  const before = told();
  await writeFile(join(folder, 'a.yaml'), 'id: c');
  await untilPending(clock);
  await aMoment();
  clock.advance(300);
  t.equal(told(), before + 1, 'and it is watched as before');
});

t.test('after close nothing is told', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'id: a' });
  const { clock, watch, told } = watched(t, folder);
  await writeFile(join(folder, 'a.yaml'), 'id: b');
  await untilPending(clock);
  watch.close();
  t.equal(clock.pendingTimers, 0);
  await writeFile(join(folder, 'a.yaml'), 'id: c');
  await aMoment();
  clock.advance(1000);
  t.equal(told(), 0);
});
