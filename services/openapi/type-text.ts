import type { Schema } from './document.js';

const MEMBER = /^[A-Za-z_$][\w$]*$/;

/** A JSON Schema of a result as a TypeScript type; what it does not say is `unknown`. */
export function typeText(schema: Schema, indent = ''): string {
  const { const: constant, enum: choices, anyOf, type, prefixItems, items, properties } = schema;
  if (constant !== undefined) return JSON.stringify(constant);
  if (Array.isArray(choices)) return choices.map((choice) => JSON.stringify(choice)).join(' | ');
  if (Array.isArray(anyOf)) return anyOf.map((each: Schema) => typeText(each, indent)).join(' | ');
  if (Array.isArray(prefixItems)) return tupleText(prefixItems, indent);
  if (type === 'array') return `readonly ${grouped(typeText((items ?? {}) as Schema, indent))}[]`;
  if (properties) return objectText(schema, indent);
  if (type === 'object') return 'Readonly<Record<string, Cell>>';
  const types = (Array.isArray(type) ? type : [type]).map((name) => SCALARS[String(name)] ?? 'unknown');
  return [...new Set(types)].join(' | ');
}

const SCALARS: Readonly<Record<string, string>> = {
  integer: 'number',
  number: 'number',
  string: 'string',
  boolean: 'boolean',
  null: 'null',
};

/** A member with the title of its value as a comment. */
export function memberText(
  name: string,
  { type, title, isOptional = false }: { type: string; title?: unknown; isOptional?: boolean },
  indent: string,
): string {
  const comment = title === undefined ? '' : `${indent}/** ${commentText(title)} */\n`;
  return `${comment}${indent}readonly ${memberName(name)}${isOptional ? '?' : ''}: ${type};\n`;
}

export function memberName(name: string): string {
  return MEMBER.test(name) ? name : JSON.stringify(name);
}

/** On one line, and not the end of the comment it stands in. */
export function commentText(text: unknown): string {
  return String(text).replace(/\s+/g, ' ').replaceAll('*/', '* /').trim();
}

function objectText({ properties = {}, required = [] }: Schema, indent: string): string {
  const inner = `${indent}  `;
  const members = Object.entries(properties as Record<string, Schema>).map(([name, member]) =>
    memberText(
      name,
      {
        type: typeText(member, inner),
        title: member['title'],
        isOptional: !(required as readonly string[]).includes(name),
      },
      inner,
    ),
  );
  return members.length === 0 ? '{}' : `{\n${members.join('')}${indent}}`;
}

function tupleText(items: readonly Schema[], indent: string): string {
  if (items.length === 0) return 'readonly []';
  const inner = `${indent}  `;
  return `readonly [\n${items.map((item) => `${inner}${typeText(item, inner)},\n`).join('')}${indent}]`;
}

function grouped(text: string): string {
  return text.includes(' | ') && !text.startsWith('{') ? `(${text})` : text;
}
