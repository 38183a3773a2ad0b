import { spawnSync } from 'node:child_process';
import t from 'tap';
import { childEnvironment, sourceCommand } from '../helpers/start-service.js';

/** Loaded before the command: collects the whole heap when it is done, and V8 tells how far the heap may grow then. */
const COLLECTED_AT_THE_END = 'data:text/javascript,process.on("exit",()=>gc())';

t.test('given the command, its heap may grow to twice what is left after a full collection', (t) => {
  const [node, ...words] = sourceCommand('cli/dashcache.ts');
  const flags = ['--expose-gc', '--trace-gc-verbose', '--import', COLLECTED_AT_THE_END];
  const { status, stdout, stderr } = spawnSync(node, [...flags, ...words, '--version'], {
    encoding: 'utf8',
    env: childEnvironment(),
  });
  t.equal(status, 0);
  t.equal(stderr, '', 'this V8 knows what it is told');
  const factors = [...stdout.matchAll(/\[HeapController\] Limit: .*\((\d+\.\d+)\)/g)].map(
    ([, factor]) => factor,
  );
  t.equal(factors.at(-1), '2.0');
  t.end();
});
