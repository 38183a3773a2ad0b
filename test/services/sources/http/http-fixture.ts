import type { Test } from 'tap';
import { type Clock, systemClock } from '../../../../services/clock.js';
import type { Statement } from '../../../../services/definitions/model.js';
import { parseRequestTemplate } from '../../../../services/definitions/request-template.js';
import type { HttpSourceDefinition } from '../../../../services/definitions/source-definitions.js';
import { silentLog } from '../../../../services/log.js';
import type { Resolve } from '../../../../services/sources/http/endpoint-pool.js';
import { openHttpSource } from '../../../../services/sources/http/http-source.js';
import type { ObservedQuery, OpenedSource } from '../../../contracts/source-contract.js';

export function httpDefinition(given: Partial<HttpSourceDefinition> = {}): HttpSourceDefinition {
  return {
    type: 'http',
    name: 'legacy',
    url: 'http://127.0.0.1:9',
    headers: new Map(),
    concurrencyCount: 4,
    budgetPerMinuteCount: null,
    place: { file: 'dashcache.yaml', line: 1, column: 1 },
    ...given,
  };
}

/** An HTTP source with what its observer was told, closed after the test. */
export function openForTest(
  t: Test,
  given: Partial<HttpSourceDefinition>,
  options: { resolve?: Resolve; clock?: Clock } = {},
): OpenedSource {
  const observed: ObservedQuery[] = [];
  const observer = {
    sourceQuery: (source: string, durationMs: number, failed: boolean) => {
      observed.push({ source, durationMs, failed });
    },
  };
  const source = openHttpSource(httpDefinition(given), {
    observer,
    log: silentLog,
    clock: systemClock,
    ...options,
  });
  t.teardown(() => source.close());
  return { source, observed };
}

/** What a panel with this path asks; `rows` as in a definition, for a chart unless one row is meant. */
export function requestOf(
  path: string,
  given: { pointer?: readonly string[]; gives?: 'rows' | 'row' } = {},
): Statement {
  return parseRequestTemplate(path, { pointer: given.pointer ?? [], gives: given.gives ?? 'rows' });
}
