import cluster from 'node:cluster';
import type { FromWorker, ToWorker } from './messages.js';
import type { Worker } from './worker-group.js';
import type { Channel } from './worker-link.js';

/** Whether this process is one of several that another has started. */
export function isWorker(): boolean {
  return cluster.isWorker;
}

/** Starts this program once more, with the same words, to serve the same address. */
export function startClusterWorker(): Worker {
  const worker = cluster.fork();
  // A worker that has just ended cannot be told anything: its end is told next.
  worker.on('error', () => {});
  return {
    send: (message) => {
      if (worker.isConnected()) worker.send(message);
    },
    onMessage: (listener) => worker.on('message', (message: FromWorker) => listener(message)),
    onEnd: (listener) =>
      worker.once('exit', (code: number, signal: string | null) => listener(signal || code)),
  };
}

/** From a worker to the process that started it. */
export const parentChannel: Channel = {
  send: (message) => {
    if (process.connected) process.send?.(message);
  },
  onMessage: (listener) => process.on('message', (message: ToWorker) => listener(message)),
};
