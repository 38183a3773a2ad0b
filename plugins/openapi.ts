import { createHash } from 'node:crypto';
import swagger from '@fastify/swagger';
import type { FastifyInstance, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';
import { Body } from '../services/cache/body.js';
import { tenantFromIdentity } from '../services/definitions/tenant-from-identity.js';
import { describeApi } from '../services/openapi/describe-api.js';
import type { CollectedDocument, Security } from '../services/openapi/document.js';
import { DESCRIPTION, IDENTITY_SCHEMES, SECURITY_SCHEMES, TAGS } from '../services/openapi/info.js';
import type { Columns } from '../services/openapi/panel-schema.js';
import type { Delivery } from './delivery.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** The description of every route and of every dashboard in force, once the service is ready. */
    openapi(): Delivery;
  }
}

export interface OpenapiOptions {
  readonly basePath: string;
  /** Of the package. */
  readonly version: string;
}

/** Collects every route that is registered after it, and describes them in OpenAPI 3.1. */
async function openapi(app: FastifyInstance, { basePath, version }: OpenapiOptions): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'dashcache',
        version,
        description: DESCRIPTION,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: basePath === '' ? '/' : basePath }],
      tags: TAGS.map((tag) => ({ ...tag })),
      components: {
        securitySchemes: app.credentials ? { ...SECURITY_SCHEMES, ...IDENTITY_SCHEMES } : SECURITY_SCHEMES,
      },
    },
    transform: ({ schema, url, route }) => ({
      schema: { ...schema, security: securityOf(route, Boolean(app.credentials)) },
      url,
    }),
    // A constant says more than an enumeration of one.
    convertConstToEnum: false,
    refResolver: {
      buildLocalReference: ({ $id }, _base, _fragment, index) => String($id ?? `schema${index}`),
    },
  });
  app.decorate('openapi', () => {
    const { current, columns } = app.definitions;
    const definitions = app.credentials ? tenantFromIdentity(current) : current;
    return kept(columns, () => describeApi(collected(app), { definitions, columns }));
  });
}

/** As its access says: administration wants the token; where there are identities, all but what is open wants one. */
function securityOf({ config }: RouteOptions, hasIdentities: boolean): Security {
  const { access } = (config ?? {}) as { access?: unknown };
  const identities = hasIdentities ? [{ token: [] }, { apiKey: [] }] : [];
  if (access === 'admin') return [{ adminToken: [] }, ...identities];
  return access === 'open' ? [] : identities;
}

/** Without what only JavaScript sees: TypeBox marks its schemas with symbols. */
function collected(app: FastifyInstance): CollectedDocument {
  return JSON.parse(JSON.stringify(app.swagger()));
}

const deliveries = new WeakMap<Columns, Delivery>();

/** Written once for each state of the definitions: what is known of their columns changes with them, and later alone. */
function kept(columns: Columns, describe: () => object): Delivery {
  const known = deliveries.get(columns);
  if (known) return known;
  const bytes = Buffer.from(JSON.stringify(describe()));
  const etag = createHash('sha256').update(bytes).digest('base64url').slice(0, 27);
  const delivery = { body: Body.of(bytes), etag, headers: { 'cache-control': 'no-cache' } };
  deliveries.set(columns, delivery);
  return delivery;
}

export default fp(openapi, { name: 'openapi', fastify: '5.x' });
