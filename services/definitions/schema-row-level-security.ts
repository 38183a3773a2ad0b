import { Type } from '@sinclair/typebox';
import { closed, SETTING_PATTERN } from './schema-parts.js';

/** How the database itself holds tenants apart. */
export const rowLevelSecuritySchema = Type.Object(
  {
    setting: Type.String({
      description:
        "The setting that says to the policies of the tables whose rows may be read, e.g. app.tenant: each query has the tenant of its reader there, or an empty text where it has none. Policies read it as current_setting('app.tenant').",
      pattern: SETTING_PATTERN,
      maxLength: 127,
      'x-kind': 'setting',
    }),
  },
  { ...closed, description: 'Policies of the tables hold tenants apart, beside the queries.' },
);
