import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { HistoryRecorder, hostNowMs, type Operation } from './history.js';

t.test('what is done is recorded with its interval and told; what fails is not', async (t) => {
  let nowMs = 0;
  const told: Operation[] = [];
  const recorder = new HistoryRecorder('p1', {
    now: () => nowMs++,
    tell: (operation) => told.push(operation),
  });
  t.same(await recorder.read('k', async () => ({ version: 3, isStale: true })), {
    version: 3,
    isStale: true,
  });
  await recorder.write('k', 4, async () => {});
  await recorder.invalidate('purge', ['k', 'l'], async () => {});
  await t.rejects(recorder.read('k', () => Promise.reject(new Error('503'))));
  const expected = [
    {
      kind: 'read',
      key: 'k',
      version: 3,
      isStale: true,
      isUnproven: false,
      process: 'p1',
      beganMs: 0,
      endedMs: 1,
    },
    { kind: 'write', key: 'k', version: 4, process: 'p1', beganMs: 2, endedMs: 3 },
    { kind: 'purge', keys: ['k', 'l'], process: 'p1', beganMs: 4, endedMs: 5 },
  ];
  t.same(recorder.operations, expected);
  t.same(JSON.parse(JSON.stringify(told)), expected);
});

t.test('the clock of another process of the host goes with this one', async (t) => {
  const module = fileURLToPath(new URL('history.ts', import.meta.url));
  const code = `const { hostNowMs } = await import(${JSON.stringify(module)}); console.log(hostNowMs());`;
  const beforeMs = hostNowMs();
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    code,
  ]);
  const thereMs = Number(stdout);
  t.ok(beforeMs < thereMs && thereMs < hostNowMs(), `${beforeMs} < ${thereMs}`);
});
