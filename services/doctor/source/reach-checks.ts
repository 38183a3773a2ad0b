import { type Check, check, type Found, foundIf, type Seen } from '../check.js';
import type { Facts } from '../facts.js';
import type { EndpointSeen } from './source-seen.js';

const SLOW_MS = 1000;

/** Whether sources answer, and how endpoints do. */
export const sourceReachChecks: readonly Check[] = [
  check({
    id: 'source-reachable',
    group: 'source',
    severity: 'error',
    what: 'Every source answers from here',
    fix: 'start it, or correct its address, user and password in dashcache.yaml and the environment (DATABASE_URL)',
    needs: ['sources'],
    run: ({ sources }) =>
      sources.flatMap(({ definition: { name, type }, problem }) =>
        foundIf(problem !== null, () => ({ evidence: `${name} (${type}): ${problem}` })),
      ),
  }),
  check({
    id: 'endpoint-status',
    group: 'source',
    severity: 'error',
    what: 'An HTTP source answers with 200 and JSON',
    fix: 'correct url, path or headers of the source (a redirect is not followed), or mend the endpoint',
    needs: ['sources'],
    run: (facts) =>
      ofEach(facts, ({ status, contentType, panel }) =>
        foundIf(status !== 200 || !/[/+]json\b/i.test(contentType), () => ({
          evidence: `${panel.dashboardId}/${panel.id} is answered with status ${status} and ${contentType || 'no content-type'}`,
        })),
      ),
  }),
  check({
    id: 'endpoint-slow',
    group: 'source',
    severity: 'warning',
    what: 'An HTTP source answers within a second',
    fix: 'give its panels a longer ttl and grace, and warm them: then nobody waits for it',
    needs: ['sources'],
    run: (facts) =>
      ofEach(facts, ({ durationMs, panel }) =>
        foundIf(durationMs > SLOW_MS, () => ({
          evidence: `${panel.dashboardId}/${panel.id} took ${Math.round(durationMs)} ms`,
        })),
      ),
  }),
  check({
    id: 'endpoint-validators',
    group: 'source',
    severity: 'note',
    what: 'An HTTP source confirms what is known: ETag or Last-Modified, and 304',
    fix: 'have the endpoint send an ETag and answer If-None-Match with 304 (docs/http-source.md): a refresh then costs it little',
    needs: ['sources'],
    run: (facts) =>
      ofEach(facts, ({ status, hasValidator, confirmsWith304 }) => [
        ...foundIf(status === 200 && !hasValidator, () => ({
          evidence: 'its answers carry neither ETag nor Last-Modified',
        })),
        ...foundIf(confirmsWith304 === false, () => ({
          evidence: 'asked again with its own validator it sends the whole answer',
        })),
      ]),
  }),
  check({
    id: 'endpoint-no-store',
    group: 'source',
    severity: 'warning',
    what: 'An HTTP source does not forbid to keep its answers',
    fix: 'take `no-store` out of its Cache-Control: until then every read asks it',
    needs: ['sources'],
    run: (facts) =>
      ofEach(facts, ({ isNoStore, panel }) =>
        foundIf(isNoStore, () => ({
          evidence: `the answer for ${panel.dashboardId}/${panel.id} has Cache-Control: no-store`,
        })),
      ),
  }),
];

function ofEach(
  { sources }: Pick<Facts, 'sources'>,
  judge: (seen: EndpointSeen) => readonly Found[],
): readonly Seen[] {
  return sources.flatMap(({ definition: { name }, endpoint }): readonly Seen[] => {
    if (endpoint === null) return [];
    if (!endpoint.known) return [{ unseen: `${name}: ${endpoint.reason}` }];
    return judge(endpoint.value).map((found) => ({ ...found, evidence: `${name}: ${found.evidence}` }));
  });
}
