import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

export type Phase = 'starting' | 'serving' | 'draining';

declare module 'fastify' {
  interface FastifyInstance {
    lifecycle: {
      readonly phase: Phase;
      /** Makes readiness say no while requests are still answered: a balancer needs time to notice. */
      drain(): void;
    };
  }
}

/** Knows whether the service is starting, serving or draining; readiness shows it. */
async function lifecycle(app: FastifyInstance): Promise<void> {
  let phase: Phase = 'starting';
  const drain = () => {
    phase = 'draining';
  };
  app.decorate('lifecycle', {
    get phase() {
      return phase;
    },
    drain,
  });
  app.addHook('onReady', async () => {
    phase = 'serving';
  });
  app.addHook('preClose', async () => drain());
}

export default fp(lifecycle, { name: 'lifecycle', fastify: '5.x' });
