import type { Parameter } from './document.js';

/** Request headers of every answer that a reader may keep. */
export const REQUEST_HEADERS: Readonly<Record<string, Parameter>> = {
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description:
      'Tags that the reader has, or `*`: 304 where one is current. Those of any coding match, weak or strong, alone or in a list.',
    schema: { type: 'string' },
    example: '"-NufMB2ijhUrCOh6UwXp5A"',
  },
  AcceptEncoding: {
    name: 'Accept-Encoding',
    in: 'header',
    description: 'Codings that the reader takes: `br` and `gzip` are given for bodies over 1 KiB.',
    schema: { type: 'string' },
    example: 'br, gzip',
  },
};

/** The query of a templated address: which parameters there are is the dashboard's to say. */
export const DECLARED_PARAMETERS: Readonly<Record<string, Parameter>> = {
  DeclaredParameters: {
    name: 'parameters',
    in: 'query',
    description:
      'The parameters that the dashboard declares, each under its own name: `?site_id=7&period=30d`. What each takes is in the ' +
      'catalogue, and at the addresses of the dashboards below.',
    style: 'form',
    explode: true,
    schema: { type: 'object', additionalProperties: { type: 'string' } },
    example: { site_id: '7', period: '30d' },
  },
};
