import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { type Clock, systemClock } from '../services/clock.js';

declare module 'fastify' {
  interface FastifyInstance {
    clock: Clock;
  }
}

export interface ClockOptions {
  /** Default: the clocks of the machine. */
  readonly clock?: Clock | undefined;
}

/** The one clock that everything is told the time by. */
async function clock(app: FastifyInstance, options: ClockOptions): Promise<void> {
  app.decorate('clock', options.clock ?? systemClock);
}

export default fp(clock, { name: 'clock', fastify: '5.x' });
