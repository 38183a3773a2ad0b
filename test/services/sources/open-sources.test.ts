import { join } from 'node:path';
import t from 'tap';
import type { SourceDefinition } from '../../../services/definitions/source-definitions.js';
import { silentLog } from '../../../services/log.js';
import { openSources } from '../../../services/sources/open-sources.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { duckdbDefinition } from './duckdb/duckdb-fixture.js';
import { httpDefinition } from './http/http-fixture.js';
import { postgresDefinition } from './postgres/postgres-fixture.js';

t.test('every declared source is opened by its name, absent files or not, at once', async (t) => {
  const path = join(tempFolder(t), 'absent.duckdb');
  const definitions = {
    sources: new Map(['one', 'two'].map((name) => [name, duckdbDefinition({ name, path })])),
  };
  const sources = openSources(definitions, {
    clock: new ManualClock(),
    log: silentLog,
    observer: { sourceQuery: () => {} },
    memoryLimitBytes: 64 * 1024 ** 2,
  });
  t.after(() => Promise.all([...sources.values()].map((source) => source.close())));
  t.same(
    [...sources].map(([name, source]) => [name, source.name, source.kind]),
    [
      ['one', 'one', 'duckdb'],
      ['two', 'two', 'duckdb'],
    ],
  );
  t.ok([...sources.values()].every((source) => !source.state().ok));
});

t.test('each kind of definition opens a source of its kind', async (t) => {
  const url = 'postgres://app@127.0.0.1:9/crm';
  const definitions = {
    sources: new Map<string, SourceDefinition>([
      ['crm', postgresDefinition(url, { name: 'crm' })],
      ['legacy', httpDefinition({ name: 'legacy' })],
    ]),
  };
  const observer = { sourceQuery: () => {} };
  const sources = openSources(definitions, { clock: new ManualClock(), log: silentLog, observer });
  t.after(() => Promise.all([...sources.values()].map((source) => source.close())));
  t.same(
    [...sources.values()].map(({ name, kind }) => [name, kind]),
    [
      ['crm', 'postgres'],
      ['legacy', 'http'],
    ],
  );
});
