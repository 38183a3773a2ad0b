/** The image's health check: exit 0 while the service of this container is ready, else 1 with the reason. */
import { loadConfig } from '../config.js';
import { ownAddress } from './own-address.js';

const DEADLINE_MS = 4000;

const address = ownAddress(loadConfig());
try {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const answer = await fetch(`${address}/health/ready`, { signal });
  await answer.arrayBuffer();
  const { status } = answer;
  console.log(status === 200 ? 'ready' : `not ready: ${status}`);
  process.exitCode = status === 200 ? 0 : 1;
} catch (error) {
  console.log(`not ready: ${error instanceof Error ? (error.cause ?? error) : error}`);
  process.exitCode = 1;
}
