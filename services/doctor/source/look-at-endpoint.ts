import type { HttpSourceDefinition } from '../../definitions/source-definitions.js';
import { bindsOf } from '../../panel-read.js';
import { headerOf, isNoStore } from '../../sources/http/answer-head.js';
import { endpointPool } from '../../sources/http/endpoint-pool.js';
import { requestTarget } from '../../sources/http/request-target.js';
import { type Known, lookedAt, unknown } from '../facts.js';
import type { ExampleRead } from './example-reads.js';
import type { EndpointSeen } from './source-seen.js';

const ANSWER_WITHIN_MS = 10_000;

/** Asks an endpoint for one panel, as the service does, and whether it confirms what is known. */
export async function lookAtEndpoint(
  definition: HttpSourceDefinition,
  examples: readonly ExampleRead[],
): Promise<Known<EndpointSeen>> {
  const example = examples.find(({ read }) => read.known) ?? examples[0];
  if (!example) return unknown(`no panel reads ${definition.name}`);
  const { read } = example;
  if (!read.known) return unknown(read.reason);
  const request = example.panel.queries[0]?.statement.request;
  if (!request) return unknown(`${example.panel.id} has no path`);
  const { origin, pathname } = new URL(definition.url);
  const path = pathname.replace(/\/+$/, '') + requestTarget(request, bindsOf(read.value.read));
  return lookedAt(async () => {
    const pool = endpointPool(origin, { connectionsCount: 1 });
    const ask = async (conditions: Readonly<Record<string, string>>) => {
      const startMs = performance.now();
      const answer = await pool.request({
        method: 'GET',
        path,
        headers: {
          accept: 'application/json',
          'user-agent': 'dashcache',
          ...Object.fromEntries(definition.headers),
          ...conditions,
        },
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      await answer.body.dump();
      return { status: answer.statusCode, headers: answer.headers, durationMs: performance.now() - startMs };
    };
    try {
      const first = await ask({});
      const head = { status: first.status, headers: first.headers };
      const etag = headerOf(head, 'etag');
      const modified = headerOf(head, 'last-modified');
      const conditions: Record<string, string> = {
        ...(etag !== null && { 'if-none-match': etag }),
        ...(modified !== null && { 'if-modified-since': modified }),
      };
      const hasValidator = Object.keys(conditions).length > 0;
      return {
        panel: example.panel,
        status: first.status,
        durationMs: first.durationMs,
        hasValidator,
        confirmsWith304: hasValidator && first.status === 200 ? (await ask(conditions)).status === 304 : null,
        isNoStore: isNoStore(head),
        contentType: headerOf(head, 'content-type') ?? '',
      };
    } finally {
      await pool.destroy();
    }
  });
}
