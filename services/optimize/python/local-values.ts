import { isSame } from '../existence.js';
import type { SyntaxNode } from '../syntax.js';

/**
 * What a name is given in the function that it is used in: the expressions; null where it is given anything there in another way,
 * as a parameter, by a loop, an import, `with` or `global`, or where it is of no function at all.
 */
export function localValues(name: SyntaxNode): readonly SyntaxNode[] | null {
  const scope = functionOf(name);
  if (!scope) return null;
  const values: SyntaxNode[] = [];
  for (const mention of scope.findAll({ rule: { kind: 'identifier', regex: `^${name.text()}$` } })) {
    const given = givenTo(mention);
    // What an inner function gives to a name of its own is nothing to this one.
    if (given === null || !(isSame(functionOf(mention), scope) || reachesOut(mention))) continue;
    // A lambda and a comprehension have names of their own too.
    const inner = given === 'unknown' ? expressionScopeOf(mention) : null;
    if (inner && !name.ancestors().some((ancestor) => isSame(ancestor, inner))) continue;
    if (given === 'unknown') return null;
    values.push(given);
  }
  return values.length > 0 ? values : null;
}

/** Whether it may give something to a name of the function around. */
function reachesOut(mention: SyntaxNode): boolean {
  const kind = String(mention.parent()?.kind());
  return /^(global_statement|nonlocal_statement|named_expression|function_definition)$/.test(kind);
}

/** The lambda or comprehension that a mention gives its name to; null where it gives it to a function. */
function expressionScopeOf(mention: SyntaxNode): SyntaxNode | null {
  for (const ancestor of mention.ancestors()) {
    if (ancestor.is('lambda_parameters')) return ancestor.parent();
    if (ancestor.is('for_in_clause')) return ancestor.parent();
    if (ancestor.is('named_expression') || /(_statement|_definition|block)$/.test(String(ancestor.kind())))
      return null;
  }
  return null;
}

/** The function whose names a node sees first. */
export function functionOf(node: SyntaxNode): SyntaxNode | null {
  return node.ancestors().find((ancestor) => ancestor.is('function_definition')) ?? null;
}

/** The expression that a mention of a name is given; null where it is only read. */
function givenTo(mention: SyntaxNode): SyntaxNode | 'unknown' | null {
  const parent = mention.parent();
  switch (parent?.kind()) {
    case 'assignment':
      return isSame(parent.field('left'), mention) ? assignedValue(parent) : null;
    case 'keyword_argument':
      return null;
    case 'default_parameter':
    case 'typed_default_parameter':
    case 'named_expression':
      return isSame(parent.field('name'), mention) ? 'unknown' : null;
    case 'augmented_assignment':
    case 'for_statement':
    case 'for_in_clause':
      return isSame(parent.field('left'), mention) ? 'unknown' : null;
    case 'function_definition':
    case 'class_definition':
      return isSame(parent.field('name'), mention) ? 'unknown' : null;
    case 'attribute':
      return null;
    default:
      return mention.ancestors().some((ancestor) => BINDING.has(String(ancestor.kind())))
        ? boundIn(mention)
        : null;
  }
}

const BINDING = new Set([
  'parameters',
  'lambda_parameters',
  'pattern_list',
  'tuple_pattern',
  'list_pattern',
  'list_splat_pattern',
  'as_pattern_target',
  'global_statement',
  'nonlocal_statement',
  'delete_statement',
  'import_statement',
  'import_from_statement',
  'case_pattern',
  'type_alias_statement',
]);

/** In the binding part of a statement, not in a default, an annotation or an index that stands inside of one. */
function boundIn(mention: SyntaxNode): 'unknown' | null {
  for (const ancestor of mention.ancestors()) {
    if (BINDING.has(String(ancestor.kind()))) return 'unknown';
    if (
      /^(call|attribute|subscript|block|type|lambda|binary_operator|conditional_expression)$/.test(
        String(ancestor.kind()),
      )
    )
      return null;
  }
  return null;
}

function assignedValue(assignment: SyntaxNode): SyntaxNode | 'unknown' | null {
  const value = assignment.field('right');
  // A mere annotation gives nothing.
  if (!value) return null;
  return value.is('assignment') ? assignedValue(value) : value;
}
