import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Body } from '../services/cache/body.js';
import type { Delivery } from './delivery.js';

/** Only what this service serves. Styles of single elements are set by scripts, which needs no leave. */
const POLICY =
  "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/** Names of assets change with their content. */
const FOR_EVER = 'public, max-age=31536000, immutable';

const FOLDER = join(dirname(createRequire(import.meta.url).resolve('dashcache/package.json')), 'dist/web');
const PAGES = { '/': 'index.html', '/monitoring': 'monitoring.html' } as const;

/** The dashboard page and the monitoring page: static files, built and compressed before, which read the API like anybody. */
async function webPages(app: FastifyInstance): Promise<void> {
  if (!existsSync(FOLDER)) {
    app.log.warn('The pages were not built, so there are none: npm run build');
    return;
  }
  for (const [url, file] of Object.entries(PAGES)) {
    const page = deliveryOf(readFileSync(join(FOLDER, file)));
    app.route({
      method: ['GET', 'HEAD'],
      url,
      prefixTrailingSlash: 'slash',
      schema: { hide: true },
      handler: (_request, reply) => reply.deliver(page),
    });
  }
  // Beside it, what the page names would be sought one level too high.
  if (app.prefix !== '')
    app.route({
      method: ['GET', 'HEAD'],
      url: '',
      prefixTrailingSlash: 'no-slash',
      schema: { hide: true },
      handler: (_request, reply) => reply.redirect(`${app.prefix}/`, 308),
    });
  await app.register(fastifyStatic, {
    root: join(FOLDER, 'assets'),
    prefix: '/assets/',
    preCompressed: true,
    index: false,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders: (reply) => reply.header('cache-control', FOR_EVER),
    // A host may have this decorator already.
    decorateReply: false,
  });
}

function deliveryOf(bytes: Buffer): Delivery {
  return {
    body: Body.of(bytes),
    etag: createHash('sha256').update(bytes).digest('base64url').slice(0, 27),
    headers: { 'cache-control': 'no-cache', 'content-security-policy': POLICY },
    contentType: 'text/html; charset=utf-8',
  };
}

export default fp(webPages, { name: 'web-pages', fastify: '5.x', dependencies: ['delivery'] });
