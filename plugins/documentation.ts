import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';
import { DashcacheError } from '../errors.js';

export interface DocumentationOptions {
  readonly basePath: string;
}

/** Only what this service serves; styles are set by scripts, which needs no leave, and icons stand in the style sheet as data. */
const POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
};

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#2563eb" d="M1 9h4v6H1zM6 5h4v10H6zM11 1h4v14h-4z"/></svg>';

/** The page /documentation: the description of the API for people to read and to try. */
async function documentation(app: FastifyInstance, { basePath }: DocumentationOptions): Promise<void> {
  app.addHook('onRoute', alsoForHead);
  await app.register(swaggerUi, {
    routePrefix: '/documentation',
    // The page writes its assets' addresses itself, and knows only the prefix above.
    indexPrefix: basePath,
    staticCSP: POLICY,
    theme: {
      title: 'dashcache API',
      favicon: [{ filename: 'icon.svg', rel: 'icon', type: 'image/svg+xml', sizes: 'any', content: ICON }],
    },
    logo: { type: 'image/svg+xml', content: ICON },
    // Without the bar that asks for the address of another description.
    uiConfig: { layout: 'BaseLayout', docExpansion: 'list', defaultModelsExpandDepth: 0 },
    uiHooks: {
      // There is one description, and it has one address.
      onRequest: (request, reply, next) => {
        const { url = '' } = request.routeOptions;
        if (url.endsWith('/json')) return reply.redirect(`${basePath}/openapi.json`);
        next(url.endsWith('/yaml') ? new DashcacheError('route_unknown') : undefined);
      },
    },
  });
}

function alsoForHead(route: RouteOptions): void {
  if (route.method === 'GET') route.method = ['GET', 'HEAD'];
}

export default fp(documentation, { name: 'documentation', fastify: '5.x', dependencies: ['openapi'] });
