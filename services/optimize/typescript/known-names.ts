import { unwrapped } from '../existence.js';
import type { SyntaxNode } from '../syntax.js';

/** What a name stands for, as far as the text of one file tells. */
export type NameKind = 'repository' | 'manager' | 'data source' | 'prisma' | 'entity' | 'other';

const TYPES: Readonly<Record<string, NameKind>> = {
  Repository: 'repository',
  TreeRepository: 'repository',
  EntityManager: 'manager',
  DataSource: 'data source',
  PrismaClient: 'prisma',
  'Prisma.TransactionClient': 'prisma',
};

/** What an expression such as `users` or `this.users` stands for. */
export interface KnownNames {
  kindOf(expression: SyntaxNode): NameKind | null;
}

/**
 * By declarations, parameters and assignments of one file, without types: a name is known only if all that the file says of it
 * agrees, wherever it says so.
 */
export function knownNames(root: SyntaxNode): KnownNames {
  const kinds = new Map<string, Set<NameKind>>();
  const learn = (name: string, kind: NameKind) =>
    void kinds.set(name, (kinds.get(name) ?? new Set()).add(kind));
  for (const declared of root.findAll({ rule: { any: DECLARING.map((kind) => ({ kind })) } }))
    for (const [name, kind] of namesOf(declared)) learn(name, kind);
  return {
    kindOf(expression) {
      const [kind, ...others] = kinds.get(textOf(expression).replaceAll('!', '')) ?? [];
      return others.length === 0 && kind !== undefined ? kind : null;
    },
  };
}

const DECLARING = [
  'required_parameter',
  'optional_parameter',
  'public_field_definition',
  'variable_declarator',
  'assignment_expression',
  'arrow_function',
  'shorthand_property_identifier_pattern',
  'class_declaration',
  'for_in_statement',
  'import_specifier',
  'function_declaration',
  'catch_clause',
];

function namesOf(node: SyntaxNode): (readonly [name: string, kind: NameKind])[] {
  switch (node.kind()) {
    case 'required_parameter':
    case 'optional_parameter':
      return namesOfParameter(node);
    case 'public_field_definition': {
      const name = node.field('name')?.text() ?? '';
      return [[`this.${name}`, kindOfTyped(node)]];
    }
    case 'variable_declarator': {
      const name = node.field('name');
      return name?.is('identifier') ? [[name.text(), kindOfTyped(node)]] : identifiersOf(name);
    }
    case 'assignment_expression': {
      const left = node.field('left');
      const right = node.field('right');
      return left ? [[textOf(left), right ? kindOfValue(right) : 'other']] : [];
    }
    case 'arrow_function': {
      const parameter = node.field('parameter');
      return parameter ? [[parameter.text(), transactionKind(node) ?? 'other']] : [];
    }
    case 'shorthand_property_identifier_pattern':
      return [[node.text(), 'other']];
    case 'class_declaration':
      return [[node.field('name')?.text() ?? '', isEntity(node) ? 'entity' : 'other']];
    case 'for_in_statement':
      return identifiersOf(node.field('left'));
    case 'catch_clause':
      return identifiersOf(node.field('parameter'));
    case 'import_specifier':
      return [[(node.field('alias') ?? node.field('name'))?.text() ?? '', 'other']];
    default:
      return [[node.field('name')?.text() ?? '', 'other']];
  }
}

function identifiersOf(pattern: SyntaxNode | null): (readonly [string, NameKind])[] {
  if (!pattern) return [];
  if (pattern.is('identifier')) return [[pattern.text(), 'other']];
  return pattern.findAll({ rule: { kind: 'identifier' } }).map((name) => [name.text(), 'other'] as const);
}

function namesOfParameter(node: SyntaxNode): (readonly [string, NameKind])[] {
  const pattern = node.field('pattern');
  if (!pattern?.is('identifier')) return identifiersOf(pattern);
  const callback = node.parent()?.parent() ?? null;
  const kind = node.field('type') ? kindOfTyped(node) : ((callback && transactionKind(callback)) ?? 'other');
  const isProperty = node
    .children()
    .some((child) => child.is('accessibility_modifier') || child.text() === 'readonly');
  return isProperty
    ? [
        [pattern.text(), kind],
        [`this.${pattern.text()}`, kind],
      ]
    : [[pattern.text(), kind]];
}

/** By its type where it has one, else by its value. */
function kindOfTyped(node: SyntaxNode): NameKind {
  const type = node.field('type');
  if (type) return kindOfType(type);
  const value = node.field('value');
  return value ? kindOfValue(value) : 'other';
}

function kindOfType(annotation: SyntaxNode): NameKind {
  const text = annotation
    .text()
    .replace(/^:\s*/, '')
    .replace(/\s*\|\s*(null|undefined)\b/g, '');
  const [, name = ''] = /^([\w.]+)(<[\w.\s<>,|&[\]]*>)?$/.exec(text) ?? [];
  return TYPES[name] ?? TYPES[name.replace(/^typeorm\./, '')] ?? 'other';
}

function kindOfValue(value: SyntaxNode): NameKind {
  const node = unwrapped(value);
  if (node.is('await_expression') || node.is('non_null_expression')) {
    const inner = node.children().find((child) => child.isNamed());
    return inner ? kindOfValue(inner) : 'other';
  }
  if (node.is('new_expression')) {
    const name = node.field('constructor')?.text();
    return name === 'PrismaClient' ? 'prisma' : name === 'DataSource' ? 'data source' : 'other';
  }
  if (node.is('member_expression')) return node.field('property')?.text() === 'manager' ? 'manager' : 'other';
  return isGetRepository(node) ? 'repository' : 'other';
}

/** `dataSource.getRepository(User)`, or the function of that name. */
export function isGetRepository(node: SyntaxNode): boolean {
  if (!node.is('call_expression')) return false;
  const callee = node.field('function');
  const name = callee?.is('member_expression') ? callee.field('property') : callee;
  return /^get(Tree)?Repository$/.test(name?.text() ?? '');
}

/** What the callback of a transaction is given. */
function transactionKind(callback: SyntaxNode): NameKind | null {
  const call = callback.parent()?.is('arguments') ? callback.parent()?.parent() : null;
  const callee = call?.is('call_expression') ? call.field('function') : null;
  const method = callee?.is('member_expression') ? callee.field('property')?.text() : null;
  const object = callee?.field('object');
  if (method === '$transaction' && object && isPrismaName(object)) return 'prisma';
  return method === 'transaction' && /(dataSource|manager|connection)$/i.test(object?.text() ?? '')
    ? 'manager'
    : null;
}

/** By its name: `prisma`, `this.prisma`, `ctx.prisma`, `prismaClient`, `prismaService`. */
export function isPrismaName(expression: SyntaxNode): boolean {
  const text = unwrapped(expression).text();
  return (
    /^[\w.#]+$/.test(text) &&
    /(^|[.#])_?(prisma|prismaClient|prismaService|prismaDb|\w+Prisma|\w+PrismaClient)$/.test(text)
  );
}

function isEntity(node: SyntaxNode): boolean {
  return /\bextends\s+BaseEntity\b/.test(heritageOf(node));
}

/** `extends Repository<User>` of a class, as it is written. */
export function heritageOf(declaration: SyntaxNode): string {
  return (
    declaration
      .children()
      .find((child) => child.is('class_heritage'))
      ?.text() ?? ''
  );
}

function textOf(expression: SyntaxNode): string {
  return unwrapped(expression).text().replaceAll(/\s/g, '');
}
