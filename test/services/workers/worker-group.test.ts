import t from 'tap';
import type { FromWorker, ToWorker } from '../../../services/workers/messages.js';
import { FirstWorkerEnded, type Worker, WorkerGroup } from '../../../services/workers/worker-group.js';
import { WorkerLink } from '../../../services/workers/worker-link.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { RecordingLog } from '../../helpers/recording-log.js';

const ADDRESSES = [{ label: 'Dashboard page', url: 'http://localhost:8000/' }];

/** A process that is none: what it is told is looked at, and what it tells is said by the test. */
class FakeWorker implements Worker {
  readonly told: ToWorker[] = [];
  tell: (message: FromWorker) => void = () => {};
  end: (how: number | string) => void = () => {};
  hears: (message: ToWorker) => void = (message) => this.told.push(message);

  send(message: ToWorker): void {
    this.hears(message);
  }

  onMessage(listener: (message: FromWorker) => void): void {
    this.tell = listener;
  }

  onEnd(listener: (how: number | string) => void): void {
    this.end = listener;
  }
}

function grouped(workersCount: number) {
  const workers: FakeWorker[] = [];
  const clock = new ManualClock();
  const log = new RecordingLog();
  const start = () => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  };
  return { group: new WorkerGroup({ workersCount, start, clock, log }), workers, clock, log };
}

t.test('the others are started once the first is ready, and its addresses are told', async (t) => {
  const { group, workers } = grouped(3);
  const starting = group.start();
  t.equal(workers.length, 1);
  workers[0]?.tell({ kind: 'ready', addresses: ADDRESSES });
  t.same(await starting, ADDRESSES);
  t.equal(workers.length, 3);
});

t.test('when the first ends before it is ready, nothing else is started', async (t) => {
  const { group, workers, clock } = grouped(3);
  const starting = group.start();
  workers[0]?.end(3);
  await t.rejects(starting, new FirstWorkerEnded(3));
  clock.advance(60_000);
  t.equal(workers.length, 1);
});

t.test('one that ends is replaced, ever later while none gets ready', async (t) => {
  const { group, workers, clock, log } = grouped(2);
  const starting = group.start();
  workers[0]?.tell({ kind: 'ready', addresses: ADDRESSES });
  await starting;
  const startedAfter = (ms: number) => {
    clock.advance(ms);
    return workers.length;
  };
  workers[1]?.end('SIGKILL');
  t.equal(startedAfter(999), 2);
  t.equal(startedAfter(1), 3);
  workers[2]?.end(1);
  t.equal(startedAfter(1999), 3, 'twice as long');
  t.equal(startedAfter(1), 4);
  workers[3]?.tell({ kind: 'ready', addresses: ADDRESSES });
  workers[3]?.end(1);
  t.equal(startedAfter(1000), 5, 'it was ready: soon again');
  t.match(log.lines.map(({ message }) => message).join('\n'), /another takes its place in 2000 ms/);
});

t.test('stopped, all are told once, nobody is replaced, and it is over when all have ended', async (t) => {
  const { group, workers, clock } = grouped(2);
  const starting = group.start();
  workers[0]?.tell({ kind: 'ready', addresses: ADDRESSES });
  await starting;
  workers[1]?.end(1);
  clock.advance(1000);
  let isOver = false;
  const stopping = group.stop().then(() => {
    isOver = true;
  });
  t.same(workers[0]?.told, [{ kind: 'stop' }]);
  t.same(workers[2]?.told, [{ kind: 'stop' }]);
  workers[0]?.end(0);
  await Promise.resolve();
  t.equal(isOver, false);
  workers[2]?.end('SIGTERM');
  await stopping;
  clock.advance(60_000);
  t.equal(workers.length, 3);
});

t.test('a scrape of one has the figures of all, of those that answer in time', async (t) => {
  const { group, workers, clock, log } = grouped(3);
  const starting = group.start();
  workers[0]?.tell({ kind: 'ready', addresses: ADDRESSES });
  await starting;
  workers[0]?.tell({ kind: 'scraped', scrape: 'early' });
  t.same(workers[1]?.told, [], 'one that is not ready is asked nothing');
  t.match(workers[0]?.told, [{ kind: 'joined', texts: [{ worker: 1, text: null }] }]);
  for (const worker of workers.slice(1)) worker.tell({ kind: 'ready', addresses: ADDRESSES });
  const links = workers.map((worker, i) => {
    const link = new WorkerLink(
      {
        send: (message) => queueMicrotask(() => worker.tell(message)),
        onMessage: (listener) => {
          worker.hears = listener;
        },
      },
      { stop: () => {}, reload: () => {} },
    );
    link.figuresBy(async () => `reads_total ${i + 1}\n`);
    return link;
  });
  t.equal(
    await links[1]?.joined(),
    'reads_total{worker="1"} 1\nreads_total{worker="2"} 2\nreads_total{worker="3"} 3\n',
  );
  links[2]?.figuresBy(async () => {
    throw new Error('no figures');
  });
  const asked = links[0]?.joined();
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(1000);
  t.equal(await asked, 'reads_total{worker="1"} 1\nreads_total{worker="2"} 2\n', 'one has none');
  t.match(log.lines, [{ level: 'warn', details: { workers: [3] } }], 'and the log says which');
});
