import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { EventTrail } from '../services/events/event-trail.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** What happened to the cache of late, for GET /cache/events. */
    eventTrail: EventTrail;
  }
}

/** Remembers invalidations, refreshes, switches and reloads; bounded, and gone with the process. */
async function eventTrail(app: FastifyInstance): Promise<void> {
  app.decorate('eventTrail', new EventTrail());
}

export default fp(eventTrail, { name: 'event-trail', fastify: '5.x' });
