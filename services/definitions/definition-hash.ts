import { createHash } from 'node:crypto';
import type { Panel, Parameter, Statement } from './model.js';
import type { SourceDefinition } from './source-definitions.js';

/**
 * Hash of all that decides a panel's content and its tags. How long it lives, what it is called and how it is shown are no part
 * of it: changing those keeps the entries.
 */
export function definitionHash(
  panel: Omit<Panel, 'definitionHash'>,
  source: SourceDefinition | undefined,
): string {
  const content = {
    dashboard: panel.dashboardId,
    panel: panel.id,
    source: source ? sourceIdentity(source) : null,
    queries: panel.queries.map(({ name, statement }) => [name, ...statementIdentity(statement)]),
    chart: panel.chart && [panel.chart.type, panel.chart.labels],
    values: [...panel.values].map(([column, { exact, compare }]) => [column, exact, compare]).sort(byFirst),
    parameters: panel.parameters.map(parameterIdentity),
    tags: panel.tags,
    dependsOn: panel.dependsOn,
    ttlOnly: panel.ttlOnly,
    maxRowsCount: panel.maxRowsCount,
    maxBytes: panel.maxBytes,
  };
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url');
}

/** What a path answers is also decided by where in the answer the rows are. */
function statementIdentity({ text, request }: Statement): readonly unknown[] {
  return request ? [text, request.pointer, request.gives] : [text];
}

function sourceIdentity(source: SourceDefinition): unknown {
  // Headers may say whose data is answered: another credential must never find the entries of the one before.
  if (source.type === 'http')
    return [source.name, source.type, source.url, [...source.headers].sort(byFirst)];
  if (source.type === 'postgres') {
    // Not the password: it says nothing of what is answered, and a new one must not begin with an empty cache.
    const { host, port, user, database } = source.address;
    // Named only where it is declared, so that all others keep their entries.
    const told = source.tenantSetting === null ? [] : [source.tenantSetting];
    return [source.name, source.type, host, port, user, database, source.timezone, ...told];
  }
  const files = [...source.files].sort(byFirst);
  return [source.name, source.type, source.path, files, source.timezone];
}

/** Its values are in the key; what they mean is decided by the type, and for the period before also by the zone. */
function parameterIdentity(parameter: Parameter): unknown {
  const zone = parameter.type === 'period' ? parameter.timezone : null;
  return [parameter.name, parameter.type, parameter.tenant, zone];
}

function byFirst(a: readonly unknown[], b: readonly unknown[]): number {
  return String(a[0]) < String(b[0]) ? -1 : 1;
}
