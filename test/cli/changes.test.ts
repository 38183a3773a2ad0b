import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import colors from 'picocolors';
import t from 'tap';
import { changesLines, type SourceReport } from '../../cli/changes-lines.js';
import { childEnvironment, sourceCommand } from '../helpers/start-service.js';

const plain = colors.createColors(false);
const missing: SourceReport = {
  source: 'crm',
  feed: 'logical',
  faults: ['orders is not in the publication: run `dashcache changes install`'],
  statements: ['CREATE PUBLICATION x'],
};
const complete: SourceReport = { source: 'crm', feed: 'notify', faults: [], statements: [] };

t.test('status: says what is missing as on the page, or that it is complete', async (t) => {
  const told = { action: 'status', isDry: false, colors: plain } as const;
  t.same(changesLines([missing, complete], told), [
    'crm (logical):',
    '  ✗ orders is not in the publication: run `dashcache changes install`',
    'crm (notify): ✓ complete',
  ]);
});

t.test('install and remove: say what they did', async (t) => {
  const installed = { ...complete, statements: ['A', 'B'] };
  t.same(changesLines([installed], { action: 'install', isDry: false, colors: plain }), [
    'crm (notify): ✓ installed, 2 statements',
  ]);
  t.same(changesLines([installed], { action: 'remove', isDry: false, colors: plain }), [
    'crm (notify): removed, 2 statements',
  ]);
  t.same(changesLines([complete], { action: 'remove', isDry: false, colors: plain }), [
    'crm (notify): nothing to remove',
  ]);
});

t.test('--dry-run: plain SQL, all or nothing', async (t) => {
  const told = { action: 'install', isDry: true, colors: plain } as const;
  t.same(changesLines([missing, complete], told), [
    '-- crm (logical): install',
    'BEGIN;',
    'CREATE PUBLICATION x;',
    'COMMIT;',
    '-- crm (notify): install: nothing to do',
  ]);
});

t.test('no source has a feed: it says so, and ends with 2', async (t) => {
  const folder = t.testdir();
  writeFileSync(join(folder, 'rows.csv'), 'id\n1\n');
  writeFileSync(
    join(folder, 'dashcache.yaml'),
    'sources:\n  main: { type: duckdb, files: { rows: rows.csv } }\n',
  );
  writeFileSync(
    join(folder, 'one.yaml'),
    'id: one\nsource: main\nmetrics: { query: SELECT count(*) AS n FROM rows }\n',
  );
  const [program, ...words] = sourceCommand('cli/dashcache.ts');
  const env = { ...childEnvironment(), DASHCACHE_CONFIG: folder };
  const ended = spawnSync(program, [...words, 'changes', 'status'], { env, encoding: 'utf8' });
  t.equal(ended.status, 2);
  t.match(ended.stderr, 'No source declares `changes`');
});

t.test('--url that is no address: it says what to write without showing it, and ends with 2', async (t) => {
  const folder = t.testdir({
    'dashcache.yaml':
      'sources: { crm: { type: postgres, url: "postgres://app@127.0.0.1:1/crm", changes: { feed: poll, tables: { tasks: {} } } } }\n',
    'one.yaml': 'id: one\nsource: crm\nmetrics: { query: SELECT 1 AS n }\n',
  });
  const [program, ...words] = sourceCommand('cli/dashcache.ts');
  const env = { ...childEnvironment(), DASHCACHE_CONFIG: folder };
  const url = 'postgres://owner:secret@db/crm?sslmode=prefer';
  const ended = spawnSync(program, [...words, 'changes', 'status', '--url', url], { env, encoding: 'utf8' });
  t.equal(ended.status, 2);
  t.match(ended.stderr, '--url: this sslmode is not supported; write verify-full');
  t.notMatch(ended.stderr, 'secret');
});
