/** How an answer stands to its source. */
export interface Freshness {
  /** Answered from the cache, fresh or not. */
  readonly isHit: boolean;
  readonly isStale: boolean;
  /** Seconds since the data was last loaded; null where the answer does not say. */
  readonly age: number | null;
  /** Seconds that it is still fresh, negative when stale; null where the answer does not say. */
  readonly ttl: number | null;
  /** `l1`, `l2`, `stale-if-error`, `unproven`, `source`; null where the answer does not say. */
  readonly detail: string | null;
  /** By panel id; only of whole dashboards. */
  readonly panels?: Readonly<Record<string, PanelFreshness>>;
}

export type PanelFreshness =
  | { readonly isHit: boolean; readonly isStale: boolean; readonly age: number; readonly layer: string }
  | { readonly status: number };

/** Read from Cache-Status (RFC 9211), Age and Dashcache-Panels. */
export function freshnessOf(headers: Headers): Freshness {
  const status = parametersOf(headers.get('cache-status') ?? '');
  const ttl = numberOf(status.get('ttl'));
  const panels = headers.get('dashcache-panels');
  return {
    isHit: status.has('hit'),
    isStale: ttl !== null && ttl < 0,
    age: numberOf(headers.get('age') ?? undefined),
    ttl,
    detail: status.get('detail') ?? null,
    ...(panels !== null && { panels: panelsOf(panels) }),
  };
}

function panelsOf(header: string): Record<string, PanelFreshness> {
  const members = header.split(',').map((member): [string, PanelFreshness] => {
    const [id = ''] = member.trim().split(';', 1);
    const parameters = parametersOf(member);
    const failed = numberOf(parameters.get('status'));
    if (failed !== null) return [id, { status: failed }];
    const age = numberOf(parameters.get('age')) ?? 0;
    const layer = parameters.get('layer') ?? 'source';
    return [id, { isHit: parameters.has('hit'), isStale: parameters.has('stale'), age, layer }];
  });
  return Object.fromEntries(members);
}

/** Of `name;flag;key=value`, behind the name. */
function parametersOf(member: string): Map<string, string> {
  const [, ...parameters] = member.split(';').map((part) => part.trim());
  return new Map(
    parameters.map((parameter) => {
      const at = parameter.indexOf('=');
      return at < 0 ? [parameter, ''] : [parameter.slice(0, at), parameter.slice(at + 1)];
    }),
  );
}

function numberOf(text: string | undefined): number | null {
  return text === undefined || text === '' || !Number.isFinite(Number(text)) ? null : Number(text);
}
