import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { Body, Coding } from '../services/cache/body.js';
import { negotiateCoding } from '../services/http/accept-encoding.js';
import { matchingTag } from '../services/http/conditional.js';
import type { DataHeaders } from '../services/http/data-headers.js';
import { entityTag } from '../services/http/entity-tag.js';
import { varyWith } from '../services/http/vary.js';

declare module 'fastify' {
  interface FastifyRequest {
    delivery: (Delivery & { coding: Coding }) | null;
  }
  interface FastifyReply {
    /** The bytes of an answer in the coding that the request wants; onSend adds the headers and may make it a 304. */
    deliver(delivery: Delivery): Buffer | Promise<Buffer>;
  }
}

/** An answer that is ready to be sent. */
export interface Delivery {
  readonly body: Body;
  /** Without quotes and suffix; null where nothing may be kept. */
  readonly etag: string | null;
  readonly headers: DataHeaders;
  /** When it is not JSON. */
  readonly contentType?: string;
}

/** Sends prepared bytes: in the coding that is asked for, with their headers, or a 304 to who has them already. */
async function delivery(app: FastifyInstance): Promise<void> {
  app.decorateRequest('delivery', null);
  app.decorateReply('deliver', deliver);
  app.addHook('onSend', (request, reply, payload, done) => done(null, dress(request, reply, payload)));
}

function deliver(this: FastifyReply, delivery: Delivery): Buffer | Promise<Buffer> {
  const { request } = this;
  const { body } = delivery;
  const coding = negotiateCoding(request.headers['accept-encoding'], body.isCoded);
  const ready = (bytes: Buffer) => {
    request.delivery = { ...delivery, coding };
    this.type(delivery.contentType ?? 'application/json; charset=utf-8');
    return bytes;
  };
  const bytes = body.ready(coding);
  return bytes ? ready(bytes) : Promise.resolve(body.bytes(coding)).then(ready);
}

/** Adds the headers of a delivery; null instead of its bytes when the reader has them already (RFC 9110 section 13.1.2). */
function dress(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const { delivery } = request;
  request.delivery = null;
  if (delivery === null) return payload;
  const { coding, etag } = delivery;
  reply.headers(headersOf(delivery, reply));
  const held = etag === null ? null : matchingTag(request.headers['if-none-match'], etag, coding);
  if (held === null) return payload;
  reply.code(304).header('etag', held).removeHeader('content-type').removeHeader('content-encoding');
  return null;
}

/** What a delivery adds to the headers that a reply has. */
export function headersOf(
  { headers, etag, coding }: NonNullable<FastifyRequest['delivery']>,
  reply: FastifyReply,
): DataHeaders {
  return {
    ...headers,
    vary: varyWith(reply.getHeader('vary'), 'Accept-Encoding'),
    ...(etag !== null && { etag: entityTag(etag, coding) }),
    ...(coding !== 'identity' && { 'content-encoding': coding }),
  };
}

export default fp(delivery, { name: 'delivery', fastify: '5.x' });
