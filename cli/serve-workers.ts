import pino from 'pino';
import type { Config } from '../config.js';
import { type Address, closeOnSignals, startServer } from '../server.js';
import { systemClock } from '../services/clock.js';
import { loggerOptions } from '../services/logger-options.js';
import { isWorker, parentChannel, startClusterWorker } from '../services/workers/cluster-worker.js';
import { WorkerGroup } from '../services/workers/worker-group.js';
import { WorkerLink } from '../services/workers/worker-link.js';

/**
 * Serves by one process, or with WORKERS above 1 by as many, each of which runs this program once more. Resolves to the addresses to
 * open, of which a worker has none to tell. Rejects with FirstWorkerEnded, or with what startServer rejects with.
 */
export async function startServing(config: Config): Promise<readonly Address[]> {
  if (isWorker()) return serveAsWorker(config);
  return config.workersCount > 1 ? serveByWorkers(config) : startServer(config);
}

async function serveAsWorker(config: Config): Promise<readonly Address[]> {
  let isTold = false;
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => {
      isTold = true;
    });
  const workers = new WorkerLink(parentChannel, {
    // A terminal tells all its processes: who stops already would take a second signal for impatience.
    stop: () => void (isTold || process.kill(process.pid, 'SIGTERM')),
    reload: () => void process.kill(process.pid, 'SIGHUP'),
  });
  workers.ready(await startServer(config, { workers }));
  return [];
}

function serveByWorkers(config: Config): Promise<readonly Address[]> {
  const { stream, ...options } = loggerOptions(config);
  const log = stream ? pino(options, stream) : pino(options);
  const { workersCount } = config;
  const group = new WorkerGroup({ workersCount, start: startClusterWorker, clock: systemClock, log });
  closeOnSignals(log, () => group.stop());
  process.on('SIGHUP', () => group.reload());
  return group.start();
}
