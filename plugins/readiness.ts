import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyInstance {
    /** What does not work now, while the service goes on: `redis`, `source:<name>`, `feed:<source>`, `definitions`, `identity`. */
    degraded(): string[];
  }
}

/** Knows what is down; asks nothing that could take time. */
async function readiness(app: FastifyInstance): Promise<void> {
  app.decorate('degraded', () => {
    const { client, isReady } = app.redisConnection;
    const sources = [...app.sources.all()].filter((source) => !source.state().ok);
    return [
      ...(client !== null && !isReady() ? ['redis'] : []),
      ...sources.map(({ name }) => `source:${name}`),
      ...app.changes.silent().map((source) => `feed:${source}`),
      ...(app.definitions.isFaulty ? ['definitions'] : []),
      ...(app.credentials?.problem ? ['identity'] : []),
    ];
  });
}

export default fp(readiness, {
  name: 'readiness',
  fastify: '5.x',
  dependencies: ['redis', 'sources', 'definitions', 'identity'],
});
