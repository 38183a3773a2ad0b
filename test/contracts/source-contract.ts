import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { DashcacheError } from '../../errors.js';
import type { Binds, BindType, BindValue, Statement } from '../../services/definitions/model.js';
import type {
  Cell,
  CheckedStatement,
  ColumnType,
  QueryLimits,
  Source,
} from '../../services/sources/source.js';

export interface ObservedQuery {
  readonly source: string;
  readonly durationMs: number;
  readonly failed: boolean;
}

export interface OpenedSource {
  readonly source: Source;
  /** What the observer was told, in order. */
  readonly observed: readonly ObservedQuery[];
}

export interface MappingCase {
  readonly title: string;
  /** One row with one column. */
  readonly statement: Statement;
  readonly type: ColumnType;
  readonly cell: Cell;
}

/** What a kind of source brings to be held against the contract. */
export interface SourceHarness {
  /** Opens a source that the test closes, or that is closed after the test. */
  open(t: Test, options?: { concurrencyCount?: number }): Promise<OpenedSource>;
  /** Opens one whose database is not there. */
  openAbsent(t: Test): Promise<OpenedSource>;
  /** Whether nothing of an earlier query goes on in the database. */
  isIdle(): Promise<boolean>;
  /** Gives `count` rows of an integer. */
  rows(count: number): Statement;
  /** Gives one text of so many bytes. */
  text(bytes: number): Statement;
  /** Runs for minutes unless it is stopped. */
  readonly slow: Statement;
  /** Gives back what is bound to `value`, as a column of that name: with its type, or as the text that it was sent as. */
  readonly echo: Statement;
  readonly echoes: 'typed' | 'text';
  /** Is accepted and fails when it runs; `secrets` are what a reader must not see of it. */
  readonly failing: { readonly statement: Statement; readonly secrets: readonly RegExp[] };
  /** Is not accepted because of what stands at `offset`. */
  readonly rejected: { readonly statement: Statement; readonly offset: number };
  /** What is known of a statement before it runs. */
  readonly reading: {
    readonly statement: Statement;
    readonly types: ReadonlyMap<string, BindType>;
    readonly tables: readonly string[];
    readonly verdict: CheckedStatement['verdict'];
    readonly columns: 'announced' | 'unknown';
  };
  /** The types that its columns can have: each has a mapping. */
  readonly types: readonly ColumnType[];
  readonly mappings: readonly MappingCase[];
}

const NO_BINDS: Binds = new Map();

/** What every Source guarantees, whatever it reads from. */
export function sourceContract(t: Test, harness: SourceHarness): void {
  t.test('rows and limits', async (t) => {
    const { source, observed } = await opened(t, harness);

    await t.test('as many rows as max_rows are an answer, told to the observer', async (t) => {
      const result = await source.query(harness.rows(50), NO_BINDS, limits({ maxRowsCount: 50 }));
      t.equal(result.rows.length, 50);
      t.match(observed.at(-1), { source: source.name, failed: false });
    });

    await t.test(
      'one row more is a wrong answer that names the limit and the key, never a shortened one',
      async (t) => {
        const error = await failure(source.query(harness.rows(51), NO_BINDS, limits({ maxRowsCount: 50 })));
        t.equal(error.code, 'source_wrong_answer');
        t.match(error.message, /50 .*max_rows/);
        t.match(observed.at(-1), { failed: true });
      },
    );

    await t.test('far more rows stop early and leave nothing behind', async (t) => {
      const error = await failure(source.query(harness.rows(500_000_000), NO_BINDS, limits()));
      t.equal(error.code, 'source_wrong_answer');
      t.ok(await harness.isIdle());
    });

    await t.test(
      'more bytes than max_bytes are a wrong answer that names the limit and the key',
      async (t) => {
        t.equal(
          (await source.query(harness.text(1000), NO_BINDS, limits({ maxBytes: 1000 }))).rows.length,
          1,
        );
        const error = await failure(source.query(harness.text(1001), NO_BINDS, limits({ maxBytes: 1000 })));
        t.equal(error.code, 'source_wrong_answer');
        t.match(error.message, /1000 .*max_bytes/);
      },
    );
  });

  t.test('deadlines', async (t) => {
    const { source, observed } = await opened(t, harness, { concurrencyCount: 2 });

    await t.test('an abort ends the query as source_deadline and nothing of it goes on', async (t) => {
      const ending = new AbortController();
      const query = failure(source.query(harness.slow, NO_BINDS, limits({ signal: ending.signal })));
      await sleep(50);
      ending.abort();
      t.equal((await query).code, 'source_deadline');
      t.ok(await harness.isIdle());
      t.match(observed.at(-1), { failed: true });
      t.equal((await source.query(harness.rows(1), NO_BINDS, limits())).rows.length, 1);
    });

    await t.test('an abort whose reason is one of our errors rejects with that error', async (t) => {
      const ending = new AbortController();
      const reason = new DashcacheError('starting_or_draining');
      const query = failure(source.query(harness.slow, NO_BINDS, limits({ signal: ending.signal })));
      await sleep(20);
      ending.abort(reason);
      t.equal(await query, reason);
    });

    await t.test('a signal that has aborted already asks nothing of the database', async (t) => {
      const before = observed.length;
      const error = await failure(
        source.query(harness.rows(1), NO_BINDS, limits({ signal: AbortSignal.abort() })),
      );
      t.equal(error.code, 'source_deadline');
      t.equal(observed.length, before);
    });
  });

  t.test('more queries than may run at once', async (t) => {
    const { source, observed } = await opened(t, harness, { concurrencyCount: 2 });

    await t.test('wait for their turn and all are answered', async (t) => {
      const results = await Promise.all(
        Array.from({ length: 12 }, (_empty, index) => source.query(harness.rows(index), NO_BINDS, limits())),
      );
      t.same(
        results.map(({ rows }) => rows.length),
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
      );
    });

    await t.test('beyond the bounded queue are source_overloaded with a Retry-After', async (t) => {
      const before = observed.length;
      const ending = new AbortController();
      const queries = Array.from({ length: 1000 }, () =>
        failure(source.query(harness.slow, NO_BINDS, limits({ signal: ending.signal }))),
      );
      await sleep(50);
      ending.abort();
      const codes = (await Promise.all(queries)).map(({ code, retryAfterSeconds }) => ({
        code,
        retryAfterSeconds,
      }));
      const overloaded = codes.filter(({ code }) => code === 'source_overloaded');
      t.ok(
        overloaded.length > 0 && overloaded.every(({ retryAfterSeconds }) => Number(retryAfterSeconds) >= 1),
      );
      t.equal(codes.filter(({ code }) => code === 'source_deadline').length, 1000 - overloaded.length);
      t.equal(observed.length - before, 2, 'only those that ran reached the database');
      t.ok(await harness.isIdle());
    });
  });

  t.test('a thousand queries aborted at random instants leave a source that works', async (t) => {
    const { source } = await opened(t, harness, { concurrencyCount: 4 });
    const codes = new Set<string>();
    let answersCount = 0;
    const one = async (index: number): Promise<void> => {
      const ending = new AbortController();
      // Later and later, so that some are answered on a slow machine, too.
      const timer = setTimeout(() => ending.abort(), ((index * 7919) % 13) + index / 40);
      const statement = index % 3 === 0 ? harness.slow : harness.rows(1 + (index % 5000));
      await source.query(statement, NO_BINDS, limits({ signal: ending.signal })).then(
        () => answersCount++,
        (error: DashcacheError) => codes.add(error.code),
      );
      clearTimeout(timer);
    };
    for (let index = 0; index < 1000; index += 8) {
      await Promise.all(Array.from({ length: 8 }, (_empty, offset) => one(index + offset)));
    }
    t.same([...codes], ['source_deadline']);
    t.ok(answersCount > 0);
    t.ok(await harness.isIdle());
    t.equal((await source.query(harness.rows(3), NO_BINDS, limits())).rows.length, 3);
  });

  t.test('values are bound with their types', async (t) => {
    const { source } = await opened(t, harness);
    for (const { bind, cell } of ECHOES) {
      await t.test(`${bind.type} ${JSON.stringify(bind.value)} comes back as itself`, async (t) => {
        const result = await source.query(harness.echo, new Map([['value', bind]]), limits());
        t.same(result.rows, [[harness.echoes === 'text' && cell !== null ? String(cell) : cell]]);
        t.equal(result.columns[0]?.name, 'value');
      });
    }
  });

  t.test('values keep what they are', async (t) => {
    const { source } = await opened(t, harness);
    for (const { title, statement, type, cell } of harness.mappings) {
      await t.test(`${title} is ${type}`, async (t) => {
        const result = await source.query(statement, NO_BINDS, limits());
        t.equal(result.columns[0]?.type, type);
        const found = result.rows[0]?.[0];
        t.ok(Object.is(found, cell), `it is ${typeof found} ${encodeURI(String(found).slice(0, 80))}`);
      });
    }
    t.same(
      harness.types.filter((type) => !harness.mappings.some((mapping) => mapping.type === type)),
      [],
    );
  });

  t.test('statements are checked without running', async (t) => {
    const { source, observed } = await opened(t, harness);

    await t.test('an accepted one: its tables, and the columns that running it gives', async (t) => {
      const { statement, types, tables, verdict } = harness.reading;
      const checked = await source.check(statement, types);
      t.same({ tables: checked.tables, verdict: checked.verdict }, { tables, verdict });
      t.equal(checked.columns === null ? 'unknown' : 'announced', harness.reading.columns);
      const binds = new Map<string, BindValue>(
        [...types].map(([name, type]) => [name, { type, value: null }]),
      );
      const { columns } = await source.query(statement, binds, limits());
      if (checked.columns) t.same(columns, checked.columns);
    });

    await t.test('a refused one: StatementRejected with the place', async (t) => {
      const { statement, offset } = harness.rejected;
      await t.rejects(source.check(statement, new Map()), { name: 'StatementRejected', offset });
    });

    await t.test('a slow one is checked at once', async (t) => {
      const before = observed.length;
      await source.check(harness.slow, new Map());
      t.equal(observed.length, before);
    });
  });

  t.test(
    'errors keep secrets: no SQL, data or path in what readers see, all of it in the cause',
    async (t) => {
      const { source } = await opened(t, harness);
      const { statement, secrets } = harness.failing;
      const error = await failure(source.query(statement, NO_BINDS, limits()));
      t.equal(error.code, 'source_wrong_answer');
      for (const secret of secrets) t.notMatch(error.message, secret);
      t.match(String(error.cause), secrets[0]);
      t.equal(
        (await failure(source.query(harness.rejected.statement, NO_BINDS, limits()))).code,
        'source_wrong_answer',
      );
    },
  );

  t.test('a source whose database is absent: source_down, and the state says so', async (t) => {
    const { source, observed } = await harness.openAbsent(t);
    const error = await failure(source.query(harness.rows(1), NO_BINDS, limits()));
    t.equal(error.code, 'source_down');
    t.ok(Number(error.retryAfterSeconds) >= 1);
    t.match(source.state(), { ok: false, detail: String });
    t.equal(observed.length, 0);
  });

  t.test(
    'closing under load ends what runs and what waits, twice is once, and nothing is left',
    async (t) => {
      const { source } = await opened(t, harness, { concurrencyCount: 2 });
      const queries = Array.from({ length: 10 }, () =>
        failure(source.query(harness.slow, NO_BINDS, limits())),
      );
      await sleep(50);
      await Promise.all([source.close(), source.close()]);
      t.same(new Set((await Promise.all(queries)).map(({ code }) => code)), new Set(['source_down']));
      t.ok(await harness.isIdle());
      await source.close();
      t.equal((await failure(source.query(harness.rows(1), NO_BINDS, limits()))).code, 'source_down');
      t.equal(source.state().ok, false);
    },
  );
}

/** A source that has answered once: what is asked of it now reaches the database at once. */
async function opened(
  t: Test,
  harness: SourceHarness,
  options?: { concurrencyCount?: number },
): Promise<OpenedSource> {
  const opened = await harness.open(t, options);
  await opened.source.query(harness.rows(1), NO_BINDS, limits());
  return opened;
}

/** Limits that no test meets by accident, with what it means to set. */
export function limits(changed: Partial<QueryLimits> = {}): QueryLimits {
  return { signal: new AbortController().signal, maxRowsCount: 10_000, maxBytes: 4 * 1024 ** 2, ...changed };
}

/** The error that a promise must reject with. */
export async function failure(promise: Promise<unknown>): Promise<DashcacheError> {
  const error = await promise.then(
    () => new Error('It should have failed'),
    (reason: unknown) => reason,
  );
  if (error instanceof DashcacheError) return error;
  throw error;
}

const ECHOES: readonly { readonly bind: BindValue; readonly cell: Cell }[] = [
  { bind: { type: 'integer', value: 7 }, cell: 7 },
  { bind: { type: 'integer', value: -9_007_199_254_740_991 }, cell: -9_007_199_254_740_991 },
  { bind: { type: 'integer', value: null }, cell: null },
  { bind: { type: 'number', value: 0.1 }, cell: 0.1 },
  { bind: { type: 'number', value: 1e300 }, cell: 1e300 },
  { bind: { type: 'number', value: null }, cell: null },
  { bind: { type: 'boolean', value: false }, cell: false },
  { bind: { type: 'boolean', value: null }, cell: null },
  {
    bind: { type: 'string', value: 'it\'s \\ 😀 "quoted"; DROP TABLE x --' },
    cell: 'it\'s \\ 😀 "quoted"; DROP TABLE x --',
  },
  { bind: { type: 'string', value: '' }, cell: '' },
  { bind: { type: 'string', value: null }, cell: null },
  { bind: { type: 'date', value: '2024-02-29' }, cell: '2024-02-29' },
  { bind: { type: 'date', value: '0001-01-01' }, cell: '0001-01-01' },
  { bind: { type: 'date', value: null }, cell: null },
  {
    bind: { type: 'timestamp', value: Date.UTC(2026, 5, 1, 12, 0, 0, 250) },
    cell: '2026-06-01T12:00:00.25Z',
  },
  {
    bind: { type: 'timestamp', value: Date.UTC(1969, 11, 31, 23, 59, 59, 1) },
    cell: '1969-12-31T23:59:59.001Z',
  },
  { bind: { type: 'timestamp', value: null }, cell: null },
];
