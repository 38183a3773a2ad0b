import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { SwitchedSchema, SwitchSchema, SwitchStatesSchema } from '../services/switches/switch-schema.js';
import { administrationProblems } from './schemas.js';

/** GET and PUT /cache/switch: the kill switch, for everything, one dashboard or one panel. */
export const cacheSwitchRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/cache/switch',
    config: { access: 'admin' },
    schema: { response: { 200: SwitchStatesSchema, ...administrationProblems } },
    handler: () => app.administration.switches(),
  });

  app.route({
    method: 'PUT',
    url: '/cache/switch',
    config: { access: 'admin' },
    schema: { body: SwitchSchema, response: { 200: SwitchedSchema, ...administrationProblems } },
    handler: ({ body }) => app.administration.turn(body),
  });
};
