import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ChangeFeed } from '../../../../services/changes/change-feed.js';
import type { Lifetime } from '../../../helpers/lifetime.js';
import { childEnvironment } from '../../../helpers/start-service.js';

export interface FeedProcessSetup {
  readonly kind: ChangeFeed['kind'];
  readonly url: string;
  /** Default: that of tests, so that they need not wait. */
  readonly heartbeatMs?: number;
}

/** A process of its own that hears for the group `test`, once it does. Gives its end by SIGKILL. */
export async function startFeedProcess(
  life: Lifetime,
  setup: FeedProcessSetup,
): Promise<() => Promise<void>> {
  const program = fileURLToPath(new URL('./feed-process-program.ts', import.meta.url));
  const child = fork(program, [JSON.stringify(setup)], {
    env: childEnvironment(),
    execArgv: ['--import', import.meta.resolve('tsx')],
    stdio: 'inherit',
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  life.teardown(kill);
  await new Promise<void>((resolve, reject) => {
    setTimeout(() => reject(new Error('The process heard nothing within 20 s')), 20_000).unref();
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`The process ended before it heard anything: ${code}`)));
  });
  return kill;
}
