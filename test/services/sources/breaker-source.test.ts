import t from 'tap';
import { DashcacheError, type ErrorCode } from '../../../errors.js';
import type { Binds, BindValue } from '../../../services/definitions/model.js';
import { BreakerSource } from '../../../services/sources/breaker-source.js';
import type { Source, SourceResult } from '../../../services/sources/source.js';
import { deferred, turns } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { RecordingLog } from '../../helpers/recording-log.js';

const RESULT: SourceResult = { columns: [], rows: [] };
type Answer = ErrorCode | 'result' | Promise<SourceResult>;

/** A source that answers as it is told, behind its breaker. */
function behindBreaker() {
  const clock = new ManualClock();
  const log = new RecordingLog();
  const scripted = {
    next: 'result' as Answer,
    queriesCount: 0,
    refusalsCount: 0,
    isOk: true,
    isClosed: false,
  };
  const source: Source = {
    name: 'main',
    kind: 'duckdb',
    check: async () => ({ columns: [], tables: ['checked'], verdict: 'exact' }),
    async query() {
      scripted.queriesCount++;
      const { next } = scripted;
      if (next === 'result') return RESULT;
      if (typeof next === 'string') throw new DashcacheError(next);
      return next;
    },
    onTablesChanged: (listener) => listener(['changed']),
    state: () => ({ ok: scripted.isOk, detail: scripted.isOk ? null : 'Gone' }),
    close: async () => {
      scripted.isClosed = true;
    },
  };
  const observer = { sourceRefused: () => void scripted.refusalsCount++ };
  const guarded = new BreakerSource(source, { clock, log, observer });
  const limits = { signal: new AbortController().signal, maxRowsCount: 1, maxBytes: 1 };
  const ask = (question: string | number): Promise<SourceResult> => {
    const binds: Binds = new Map([['id', { type: 'integer', value: Number(question) } satisfies BindValue]]);
    return guarded.query({ text: 'SELECT :id', segments: ['SELECT ', ''], names: ['id'] }, binds, limits);
  };
  const fails = async (code: ErrorCode, questions: readonly number[]): Promise<void> => {
    scripted.next = code;
    for (const question of questions) await ask(question).catch(() => {});
  };
  return { clock, log, scripted, source, guarded, ask, fails };
}

t.test(
  'five times away: fails at once and says when to come back, and is asked once a second until it answers',
  async (t) => {
    const { clock, log, scripted, guarded, ask, fails } = behindBreaker();
    await fails('source_down', [1, 2, 1, 1, 1]);
    t.same(guarded.state(), { ok: false, detail: 'It did not answer five times in a row' });
    await t.rejects(ask(7), { code: 'source_down', retryAfterSeconds: 1 });
    t.equal(scripted.queriesCount, 5, 'nothing was sent');
    t.equal(scripted.refusalsCount, 1);
    clock.advance(1000);
    scripted.next = 'source_down';
    const answers = await Promise.allSettled([ask(1), ask(2), ask(3)]);
    t.equal(scripted.queriesCount, 6, 'one probe');
    t.ok(answers.every(({ status }) => status === 'rejected'));
    clock.advance(1000);
    scripted.next = 'result';
    t.equal(await ask(2), RESULT);
    t.same(guarded.state(), { ok: true, detail: null });
    t.match(
      log.lines.map(({ level }) => level),
      ['warn', 'info'],
    );
  },
);

t.test('deadlines that pass for several questions: the source does not answer', async (t) => {
  const { scripted, ask, fails } = behindBreaker();
  await fails('source_deadline', [1, 2, 1, 2, 1]);
  await t.rejects(ask(3), { code: 'source_down' });
  t.equal(scripted.queriesCount, 5);
});

t.test(
  'deadlines that pass for one and the same question: it is refused, the others are asked',
  async (t) => {
    const { scripted, guarded, ask, fails } = behindBreaker();
    await fails('source_deadline', [1, 1, 1, 1, 1]);
    await t.rejects(ask(1), { code: 'source_down' });
    t.equal(scripted.queriesCount, 5);
    scripted.next = 'result';
    t.equal(await ask(2), RESULT, 'a healthy source refuses nobody for the sake of one slow question');
    t.notOk(guarded.isOpen, 'and has shown that it is there');
  },
);

t.test('one question is late five times and then another too: it was the source', async (t) => {
  const { scripted, ask, fails } = behindBreaker();
  await fails('source_deadline', [1, 1, 1, 1, 1, 2]);
  t.equal(scripted.queriesCount, 6);
  await t.rejects(ask(3), { code: 'source_down' });
  t.equal(scripted.queriesCount, 6);
});

t.test('wrong answers are answers, and too much to do is no illness: neither opens it', async (t) => {
  const { scripted, guarded, fails, clock, ask } = behindBreaker();
  await fails('source_wrong_answer', [1, 2, 3, 4, 5, 6]);
  await fails('source_overloaded', [1, 2, 3, 4, 5, 6]);
  await fails('internal', [1, 2, 3, 4, 5, 6]);
  t.notOk(guarded.isOpen);
  await fails('source_down', [1, 2, 3, 4]);
  await fails('source_wrong_answer', [1]);
  await fails('source_down', [1, 2, 3, 4]);
  t.notOk(guarded.isOpen, 'a wrong answer ends the row');
  await fails('source_down', [1]);
  t.ok(guarded.isOpen);
  clock.advance(1000);
  await fails('source_overloaded', [1]);
  t.ok(guarded.isOpen, 'it says nothing');
  scripted.next = 'result';
  t.equal(await ask(1), RESULT, 'so the next may try');
});

t.test('a probe takes long: everybody else fails at once meanwhile', async (t) => {
  const { clock, scripted, ask, fails } = behindBreaker();
  await fails('source_down', [1, 2, 3, 4, 5]);
  clock.advance(1000);
  const slow = deferred<SourceResult>();
  scripted.next = slow.promise;
  const probe = ask(1);
  await turns(1);
  for (let i = 0; i < 50; i++) await t.rejects(ask(i), { code: 'source_down', retryAfterSeconds: 1 });
  t.equal(scripted.queriesCount, 6);
  slow.resolve(RESULT);
  t.equal(await probe, RESULT);
  scripted.next = 'result';
  t.equal(await ask(2), RESULT);
});

t.test('everything else is the source itself, open or not', async (t) => {
  const { scripted, source, guarded, fails } = behindBreaker();
  await fails('source_down', [1, 2, 3, 4, 5]);
  t.match(await guarded.check({ text: '', segments: [''], names: [] }, new Map()), { tables: ['checked'] });
  t.equal(guarded.name, 'main');
  t.equal(guarded.kind, 'duckdb');
  const told: string[] = [];
  t.equal(await guarded.schemaSignature(), null, 'this one has no schema');
  source.schemaSignature = async () => 'signed';
  t.equal(await guarded.schemaSignature(), 'signed');
  guarded.onTablesChanged((tables) => told.push(...tables));
  t.same(told, ['changed']);
  scripted.isOk = false;
  t.same(guarded.state(), { ok: false, detail: 'Gone' }, 'what it says of itself comes first');
  await guarded.close();
  t.ok(scripted.isClosed);
});
