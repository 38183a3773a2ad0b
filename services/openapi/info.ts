/** What readers of the description are told first. */
export const DESCRIPTION = `
dashcache serves the metrics, charts and summaries of dashboards from a cache that never lies about freshness.

**Addresses.** Those with \`{dashboard}\` serve every dashboard; below them each declared dashboard stands with its own
parameters and types. Both are the same address. A reload of the definitions changes this description.

**HEAD** is answered wherever GET is, with the same status and headers and no body.

**Freshness.** Answers with data carry \`Age\` (seconds since the data was loaded), \`Cache-Status\` (RFC 9211: how the cache
answered), \`Cache-Control\` (what a client may reuse) and a strong \`ETag\` for each coding; send it back in
\`If-None-Match\` for a 304.

**Values.** Whole numbers beyond 2^53 and values declared \`exact\` are strings, NaN and infinities null, instants RFC 3339
in UTC.

**Errors** are problems (RFC 9457, \`application/problem+json\`) with \`Cache-Control: no-store\`; \`code\` is for programs,
and \`request_id\` stands in the log.
`.trim();

export const TAGS = [
  { name: 'data', description: 'Dashboards, their panels and the choices of their parameters' },
  { name: 'statistics', description: 'What the service measures of itself' },
  { name: 'health', description: 'Whether the service should be asked' },
  { name: 'administration', description: 'Warming, invalidating and switching the cache; what it did' },
  { name: 'description', description: 'This document' },
] as const;

export const SECURITY_SCHEMES = {
  adminToken: {
    type: 'http',
    scheme: 'bearer',
    description:
      'The ADMIN_TOKEN of the service. Without one administration is open on loopback only, and closed beyond it.',
  },
} as const;

/** Where identity is configured. */
export const IDENTITY_SCHEMES = {
  token: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'A token of the issuer that this service trusts; it says the roles and whose data may be seen.',
  },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'For programs.' },
} as const;
