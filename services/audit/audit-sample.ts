import { resolveParameterTexts } from '../definitions/resolve-parameters.js';
import { noTenant, tenantForAudit } from '../definitions/tenant.js';
import { type PanelRead, panelRead } from '../panel-read.js';
import type { AuditPlace } from './audit-places.js';

/** One question, put alike to every replica and to the source. */
export interface AuditSample {
  readonly read: PanelRead;
  /** Path and query, with every parameter in its one spelling: a period as its instants. */
  readonly address: string;
}

/**
 * The question of a place at an instant. Resolved once: over midnight a relative period would be one thing for a replica
 * and another for the source; and its key is the very one that browsers read. Throws parameters_invalid.
 */
export function auditSample({ dashboard, panel, texts }: AuditPlace, nowMs: number): AuditSample {
  const parameters = resolveParameterTexts({ dashboard, panels: [panel], texts, nowMs });
  const tenantText = parameters.get(dashboard.tenantParameter ?? '')?.canonical ?? null;
  const read = panelRead(panel, parameters, tenantText === null ? noTenant : tenantForAudit(tenantText));
  const given = read.bound.flatMap(({ parameter, canonical }) =>
    canonical === null ? [] : [`${encodeURIComponent(parameter.name)}=${encodeURIComponent(canonical)}`],
  );
  const path = `/dashboards/${encodeURIComponent(dashboard.id)}/${panel.id}`;
  return { read, address: given.length === 0 ? path : `${path}?${given.join('&')}` };
}
