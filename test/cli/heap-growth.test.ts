import { spawnSync } from 'node:child_process';
import t from 'tap';
import { sourceCommand } from '../helpers/start-service.js';

const [node, ...words] = sourceCommand('cli/dashcache.ts');

t.test('given this V8, it knows what the heap is told, and nothing is said of it', (t) => {
  const options = spawnSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  t.match(options.stdout, /--heap-growing-percent\b/);
  const version = spawnSync(node, [...words, '--version'], { encoding: 'utf8' });
  t.equal(version.status, 0);
  t.equal(version.stderr, '');
  t.end();
});
