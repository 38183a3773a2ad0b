import { spawnSync } from 'node:child_process';
import t from 'tap';
import { fakeTime } from './fake-time.js';

const PROGRAM = `
const [wallMs, steadyMs] = [Date.now(), performance.now()];
setTimeout(() => console.log(JSON.stringify({
  now: Date.now(), wall: Date.now() - wallMs, steady: performance.now() - steadyMs, host: Number(process.hrtime.bigint() / 1000000n),
})), 100);
`;

for (const offsetSeconds of [60, -60])
  t.test(`given an offset of ${offsetSeconds} s, the wall clock alone is off, and all run on`, async (t) => {
    const startMs = Date.now();
    const env = { ...process.env, NODE_OPTIONS: '', ...fakeTime(offsetSeconds) };
    const { stdout } = spawnSync(process.execPath, ['-e', PROGRAM], { env, encoding: 'utf8' });
    const { now, wall, steady, host } = JSON.parse(stdout);
    const offMs = now - offsetSeconds * 1000;
    t.ok(offMs >= startMs && offMs <= Date.now());
    t.ok(wall >= 99 && steady >= 99, 'a timer waits for what it was told to');
    t.ok(host <= Number(process.hrtime.bigint() / 1_000_000n), 'the clock of the host is not ahead');
  });
