import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { LoopPressure } from '../services/pressure/loop-pressure.js';

declare module 'fastify' {
  interface FastifyInstance {
    pressure: LoopPressure;
  }
}

const RESOLUTION_MS = 10;

/** Knows whether this process has more to do than it can. Our own and not @fastify/under-pressure: that takes one name in the host's app, and no part of a request. */
async function pressure(app: FastifyInstance): Promise<void> {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let askedAtMs = performance.now();
  const loop = new LoopPressure({
    clock: app.clock,
    delayMs() {
      const nowMs = performance.now();
      // NaN: the loop did not come round even once, however long that was.
      const delayMs = Number.isNaN(histogram.mean) ? nowMs - askedAtMs : histogram.mean / 1e6;
      histogram.reset();
      askedAtMs = nowMs;
      return Math.max(0, delayMs - RESOLUTION_MS);
    },
    moved(isHigh, delayMs) {
      const late = { delay_ms: Math.round(delayMs) };
      if (isHigh) app.log.warn(late, 'Too much to do: what is not in the cache is turned away for now');
      else app.log.info(late, 'The load has passed: everything is answered again');
    },
  });
  app.decorate('pressure', loop);
  // What keeps a process busy while it starts says nothing of those who ask it later.
  app.addHook('onReady', async () => {
    histogram.enable();
    askedAtMs = performance.now();
    loop.start();
  });
  app.addHook('onClose', async () => {
    loop.close();
    histogram.disable();
  });
}

export default fp(pressure, { name: 'pressure', fastify: '5.x', dependencies: ['clock'] });
