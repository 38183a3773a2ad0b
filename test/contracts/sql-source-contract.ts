import type { Test } from 'tap';
import type { Statement } from '../../services/definitions/model.js';
import { failure, limits, type SourceHarness } from './source-contract.js';

/** What a database brings beside what every source does. */
export interface SqlSourceHarness extends SourceHarness {
  /** Would change data. */
  readonly writing: Statement;
}

/** What every Source that speaks SQL guarantees beyond the contract of all. */
export function sqlSourceContract(t: Test, harness: SqlSourceHarness): void {
  t.test('a statement that would write is refused, and never runs', async (t) => {
    const { source } = await harness.open(t);
    await t.rejects(source.check(harness.writing, new Map()), { name: 'StatementRejected' });
    const error = await failure(source.query(harness.writing, new Map(), limits()));
    t.equal(error.code, 'source_wrong_answer');
  });

  t.test('the check of a slow statement announces its columns', async (t) => {
    const { source } = await harness.open(t);
    t.ok(((await source.check(harness.slow, new Map())).columns?.length ?? 0) > 0);
  });

  t.test('a database that is absent checks nothing: source_down', async (t) => {
    const { source } = await harness.openAbsent(t);
    t.equal((await failure(source.check(harness.rows(1), new Map()))).code, 'source_down');
  });
}
