import { setImmediate as turn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { DashcacheError } from '../../../errors.js';
import type { CacheAnswer } from '../../../services/cache/answer.js';
import { Body } from '../../../services/cache/body.js';
import type { WatchListener } from '../../../services/cache/watches.js';
import type { PanelLook } from '../../../services/dashboard-cache-service.js';
import { noTenant } from '../../../services/definitions/tenant.js';
import { problemOf } from '../../../services/http/problem.js';
import type { LiveQuestion } from '../../../services/live/live-dashboard.js';
import { HEARTBEAT_MS, LiveDashboards } from '../../../services/live/live-dashboards.js';
import type { LiveStream } from '../../../services/live/live-stream.js';
import { silentLog } from '../../../services/log.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { dashboardWith } from '../definitions/some-definitions.js';

/** A cache of which the test says what it holds. */
class ScriptedReads {
  readsCount = 0;
  content = 'a';
  more: Partial<CacheAnswer> = {};
  failWith: Error | null = null;
  readonly listeners = new Set<WatchListener>();

  constructor(readonly clock: ManualClock) {}

  readonly read = async (): Promise<CacheAnswer> => {
    this.readsCount++;
    if (this.failWith) throw this.failWith;
    const nowMs = this.clock.nowMs();
    const bytes = Buffer.from(`{"data":\n"${this.content}"}`);
    const entry = { etag: this.content, body: Body.of(bytes), storedAtMs: nowMs } as CacheAnswer['entry'];
    return { entry, outcome: 'hit', layer: 'l1', staleAtMs: nowMs + 600_000, stored: false, ...this.more };
  };

  readonly look = () => ({ request: { key: { hash: 'key' } } }) as PanelLook;

  readonly watch = (_look: PanelLook, listener: WatchListener) => {
    this.listeners.add(listener);
    return { saw: () => {}, end: () => this.listeners.delete(listener) };
  };

  tell(): void {
    for (const listener of [...this.listeners]) listener(null);
  }
}

interface Room {
  readonly clock: ManualClock;
  readonly reads: ScriptedReads;
  readonly live: LiveDashboards;
  readonly question: LiveQuestion;
  open(reader?: { asks?: () => LiveQuestion; endsAtMs?: number; heldId?: string }): Promise<Taken>;
}

interface Taken {
  readonly stream: LiveStream;
  text(): string;
}

async function room(t: Test, { maxReadersCount = 10 } = {}): Promise<Room> {
  const clock = new ManualClock();
  const reads = new ScriptedReads(clock);
  const live = new LiveDashboards({ reads, clock, log: silentLog, maxReadersCount });
  t.teardown(() => live.close());
  const dashboard = await dashboardWith([], []);
  const question: LiveQuestion = { dashboard, parameters: new Map(), tenant: noTenant };
  const open: Room['open'] = async ({ asks = () => question, endsAtMs = null, heldId } = {}) => {
    const problem = (error: DashcacheError) => problemOf(error, { id: 'id', url: '/' });
    const stream = live.open({ asks, endsAtMs, heldId, problemOf: problem }, question);
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    for (const [index, panel] of stream.dashboard.panels.entries()) {
      await panel.look();
      stream.tell(index, 'panel');
    }
    await turn();
    return { stream, text: () => text };
  };
  return { clock, reads, live, question, open };
}

function countOf(text: string, event: string): number {
  return text.split(`event: ${event}\n`).length - 1;
}

t.test('every panel is sent on one line, then heartbeats come', async (t) => {
  const { open, clock } = await room(t);
  const { text } = await open();
  t.match(text(), /^retry: 2000\n\nevent: panel\nid: [\w-]+\ndata: \{"panel":"metrics","etag":"\\"a\\"",/);
  t.match(text(), '"body":{"data": "a"}}\n\n');
  t.equal(countOf(text(), 'panel'), 2);
  t.notMatch(text(), /^:$/m);
  clock.advance(HEARTBEAT_MS);
  await turn();
  t.equal(text().split('\n:\n').length - 1, 1);
});

t.test('what is told is read once for all, and only what differs is sent', async (t) => {
  const { open, reads } = await room(t);
  const readers = [await open(), await open()];
  const before = reads.readsCount;
  reads.tell();
  await turn();
  t.equal(reads.readsCount - before, 2, 'one for each panel');
  for (const { text } of readers) t.equal(countOf(text(), 'panel'), 2);
  reads.content = 'b';
  reads.tell();
  await turn();
  for (const { text } of readers) t.equal(countOf(text(), 'panel'), 4);
});

t.test('a renewal with equal content is news of freshness alone', async (t) => {
  const { open, reads, clock } = await room(t);
  const { text } = await open();
  clock.advance(1000);
  reads.tell();
  await turn();
  t.equal(countOf(text(), 'panel'), 2);
  t.equal(countOf(text(), 'freshness'), 2);
});

t.test('a problem is told once until there is another, and then what came after it', async (t) => {
  const { open, reads } = await room(t);
  reads.failWith = new DashcacheError('source_down');
  const { text } = await open();
  t.equal(countOf(text(), 'problem'), 2);
  reads.tell();
  await turn();
  t.equal(countOf(text(), 'problem'), 2);
  reads.failWith = new DashcacheError('source_deadline');
  reads.tell();
  await turn();
  t.equal(countOf(text(), 'problem'), 4);
  reads.failWith = null;
  reads.tell();
  await turn();
  t.equal(countOf(text(), 'panel'), 2);
});

t.test(
  'what is watched is read again before it is stale, sooner once it is, and no longer than it is watched',
  async (t) => {
    const { open, reads, clock, live } = await room(t);
    const { stream } = await open();
    t.equal(reads.readsCount, 2);
    clock.advance(30_000);
    await turn();
    t.equal(reads.readsCount, 4);
    reads.more = { outcome: 'stale_hit', staleAtMs: clock.nowMs() - 1 };
    reads.tell();
    await turn();
    clock.advance(5000);
    await turn();
    t.equal(reads.readsCount, 8);
    stream.destroy();
    await turn();
    t.equal(live.questionsCount, 0);
    t.equal(reads.listeners.size, 0);
    clock.advance(60_000);
    t.equal(reads.readsCount, 8);
  },
);

t.test('what is kept nowhere is asked for once in its ttl, and a second after a change', async (t) => {
  const { open, reads, clock } = await room(t);
  reads.more = { outcome: 'bypass' };
  await open();
  clock.advance(250_000);
  await turn();
  t.equal(reads.readsCount, 2);
  reads.tell();
  reads.tell();
  await turn();
  t.equal(reads.readsCount, 2);
  clock.advance(1000);
  await turn();
  t.equal(reads.readsCount, 4);
});

t.test('an older answer does not take the place of a newer one', async (t) => {
  const { open, reads, clock } = await room(t);
  const old = await reads.read();
  clock.advance(10);
  reads.content = 'b';
  const { stream, text } = await open();
  await stream.dashboard.panels[0]?.found(old);
  await turn();
  t.equal(countOf(text(), 'panel'), 2);
});

t.test('streams end with their credential, with the right, and with the question', async (t) => {
  for (const [code, reason] of [
    ['unauthorized', 'expired'],
    ['forbidden', 'forbidden'],
    ['dashboard_unknown', 'reload'],
  ] as const) {
    const { open, clock, live } = await room(t);
    const asks = () => {
      throw new DashcacheError(code);
    };
    const { text } = await open({ asks });
    clock.advance(HEARTBEAT_MS);
    await turn();
    await turn();
    t.match(text(), `event: end\ndata: {"reason":"${reason}"}\n\n`);
    t.equal(live.readersCount, 0);
  }
  const { open, clock } = await room(t);
  const { text } = await open({ endsAtMs: clock.nowMs() + 1000 });
  t.equal(countOf(text(), 'end'), 0);
  clock.advance(HEARTBEAT_MS);
  await turn();
  t.match(text(), '{"reason":"expired"}');
});

t.test('a question that has become another is answered from then on', async (t) => {
  const { open, clock, question, reads, live } = await room(t);
  let asked = question;
  const { stream, text } = await open({ asks: () => asked });
  const before = stream.dashboard;
  const json = '"2026"';
  asked = { ...question, parameters: new Map([['period', { json }]]) as never };
  reads.content = 'next';
  clock.advance(HEARTBEAT_MS);
  await turn();
  t.not(stream.dashboard, before);
  t.equal(live.questionsCount, 1, 'nobody asks the old one');
  t.equal(countOf(text(), 'panel'), 4);
});

t.test('one who does not take the end is cut off', async (t) => {
  const { live, clock, question } = await room(t);
  const problem = (error: DashcacheError) => problemOf(error, { id: 'id', url: '/' });
  const reader = { asks: () => question, endsAtMs: null, heldId: undefined, problemOf: problem };
  const stream = live.open(reader, question);
  live.finish('drain');
  live.finish('drain');
  await turn();
  t.equal(stream.destroyed, false);
  clock.advance(1000);
  await turn();
  t.equal(stream.destroyed, true);
  t.equal(live.readersCount, 0);
});

t.test('beyond the limit a reader is told when to come back', async (t) => {
  const { open } = await room(t, { maxReadersCount: 1 });
  const { stream } = await open();
  await t.rejects(open(), { code: 'service_overloaded', retryAfterSeconds: 10 });
  stream.destroy();
  await turn();
  await open();
});

t.test('with the id of the last event only what differs is sent', async (t) => {
  const { open, reads } = await room(t);
  const { text } = await open();
  const ids = [...text().matchAll(/^id: (.*)$/gm)].map(([, id]) => String(id));
  t.equal(countOf((await open({ heldId: ids.at(-1) ?? '' })).text(), 'panel'), 0);
  t.equal(countOf((await open({ heldId: ids[0] ?? '' })).text(), 'panel'), 1);
  t.equal(countOf((await open({ heldId: '!' })).text(), 'panel'), 2);
  reads.content = 'b';
  t.equal(countOf((await open({ heldId: ids.at(-1) ?? '' })).text(), 'panel'), 2);
});
