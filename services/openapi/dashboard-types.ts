import type { Schema } from './document.js';
import { bodyName } from './panel-schema.js';
import { commentText, memberName, memberText, typeText } from './type-text.js';

/** What GET /dashboards says of a dashboard, as far as types are made of it. */
export interface TypedDashboard {
  readonly id: string;
  readonly title: string;
  readonly params: {
    readonly properties: Readonly<Record<string, Schema>>;
    readonly required: readonly string[];
  };
  readonly panels: readonly {
    readonly id: string;
    readonly title: string;
    readonly values: Readonly<Record<string, { readonly title: string }>>;
  }[];
}

const HEAD = `// Written by \`dashcache types\`: write it anew when the definitions change.
import type { Cell, DateText, Period, Timestamp } from 'dashcache/client';

/** The dashboards of this service. */
export interface Dashboards {
`;

/** TypeScript for the client: every dashboard with its parameters and panels, in the order of their names. `schemas` are those of the API. */
export function dashboardTypes(
  dashboards: readonly TypedDashboard[],
  schemas: Readonly<Record<string, Schema>>,
): string {
  const sorted = [...dashboards].sort((a, b) => (a.id < b.id ? -1 : 1));
  const members = sorted.map((dashboard) => dashboardText(dashboard, schemas));
  return `${HEAD}${members.join('')}}\n`;
}

function dashboardText(
  { id, title, params, panels }: TypedDashboard,
  schemas: Readonly<Record<string, Schema>>,
) {
  const given = Object.entries(params.properties);
  const members = given.map(([name, schema]) =>
    memberText(
      name,
      { type: paramText(schema), title: paramTitle(schema), isOptional: !params.required.includes(name) },
      '      ',
    ),
  );
  const choices = given.filter(([, schema]) => schema['x-options'] === true).map(([name]) => `'${name}'`);
  const bodies = panels.map((panel) => panelText(id, panel, schemas[bodyName(id, panel.id)]));
  return [
    `  /** ${commentText(title)} */\n  readonly ${memberName(id)}: {\n`,
    `    readonly params: {${members.length > 0 ? `\n${members.join('')}    ` : ''}};\n`,
    `    readonly panels: {\n${bodies.join('')}    };\n`,
    `    readonly options: ${choices.join(' | ') || 'never'};\n  };\n`,
  ].join('');
}

function panelText(
  dashboardId: string,
  { id, title, values }: TypedDashboard['panels'][number],
  schema: Schema | undefined,
): string {
  const { data, previous } = (schema?.['properties'] ?? {}) as Readonly<Record<string, Schema>>;
  const known = data ? typeText(withDeclared(data, values), '        ') : 'unknown';
  const before =
    previous &&
    memberText('previous', { type: typeText(previous, '        '), isOptional: true }, '        ');
  return (
    `      /** ${commentText(title)}: \`${commentText(dashboardId)}/${id}\` */\n      readonly ${memberName(id)}: {\n` +
    `        readonly data: ${known};\n${before ?? ''}      };\n`
  );
}

/** Where the source has not told its columns, those that are declared are known by name. */
function withDeclared(data: Schema, values: TypedDashboard['panels'][number]['values']): Schema {
  const alternatives = data['anyOf'];
  if (!Array.isArray(alternatives)) return data;
  const declared = Object.entries(values).map(([name, { title }]) => [name, { title, ...ANY_CELL }]);
  const anyOf = alternatives.map((each: Schema) =>
    each['type'] === 'object' && !each['properties'] && declared.length > 0
      ? { type: 'object', properties: Object.fromEntries(declared) }
      : each,
  );
  return { anyOf };
}

const ANY_CELL = { type: ['string', 'number', 'boolean', 'null'] } as const;

function paramText(schema: Schema): string {
  if (schema['x-period'] !== undefined) return 'Period';
  if (schema['format'] === 'date') return 'DateText';
  return schema['format'] === 'date-time' ? 'Timestamp' : typeText(schema);
}

function paramTitle({ title, default: preset, 'x-tenant': isTenant }: Schema): string {
  const more = [
    ...(isTenant === true ? ['whose data is wanted'] : []),
    ...(preset === undefined ? [] : [`default ${JSON.stringify(preset)}`]),
  ];
  return [title, ...(more.length > 0 ? [more.join(', ')] : [])].join('; ');
}
