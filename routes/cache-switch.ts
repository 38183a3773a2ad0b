import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { SwitchedSchema, SwitchSchema, SwitchStatesSchema } from '../services/switches/switch-schema.js';
import { about, administrationProblems } from './schemas.js';

/** GET and PUT /cache/switch: the kill switch, for everything, one dashboard or one panel. */
export const cacheSwitchRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/cache/switch',
    config: { access: 'admin' },
    schema: {
      ...about('readSwitches', 'Where reads use the cache, and which switch is off', {
        tag: 'administration',
        description: 'As they are in Redis now.',
      }),
      response: { 200: SwitchStatesSchema, ...administrationProblems },
    },
    handler: () => app.administration.switches(),
  });

  app.route({
    method: 'PUT',
    url: '/cache/switch',
    config: { access: 'admin' },
    schema: {
      ...about('switchCache', 'Switch the cache off or on', {
        tag: 'administration',
        description:
          'For everything, one dashboard or one panel. Switching on purges what the switch covers; the answer comes when it is in force in every process.',
      }),
      body: SwitchSchema,
      response: { 200: SwitchedSchema, ...administrationProblems },
    },
    handler: ({ body }) => app.administration.turn(body),
  });
};
