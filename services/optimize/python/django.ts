import { operandsOf, unwrapped } from '../existence.js';
import type { SyntaxNode } from '../syntax.js';
import { localValues } from './local-values.js';

/** What ends a chain: it gives an object, a number or an iterator, or begins something else. */
const NO_QUERYSET =
  /^(a?(get|first|last|latest|earliest|create|get_or_create|update_or_create|aggregate|in_bulk|iterator|count|exists|update|delete|bulk_create|bulk_update|explain|contains|add|set|remove|clear)|raw|get_by_natural_key|create_user|create_superuser)$/;

/** `select_for_update().exists()` locks a row where `count()` locks none. */
const LOCKS = 'select_for_update';

/** What a receiver of `.count()` is, in Django's words. */
export type DjangoReceiver = 'queryset' | 'locking' | 'unknown';

/**
 * `X.objects`, a related manager named `*_set`, whatever is chained to one of them, and a local name that its function gives
 * nothing else.
 */
export function djangoReceiver(
  expression: SyntaxNode,
  resolving: ReadonlySet<string> = new Set(),
): DjangoReceiver {
  const node = unwrapped(expression);
  switch (node.kind()) {
    case 'attribute':
      return /^objects$|._set$/.test(node.field('attribute')?.text() ?? '') ? 'queryset' : 'unknown';
    case 'call': {
      const callee = node.field('function');
      const method = callee?.is('attribute') ? (callee.field('attribute')?.text() ?? '') : '';
      const object = callee?.is('attribute') ? callee.field('object') : null;
      if (!object || NO_QUERYSET.test(method)) return 'unknown';
      const receiver = djangoReceiver(object, resolving);
      return receiver === 'queryset' && method === LOCKS ? 'locking' : receiver;
    }
    case 'subscript':
      return isSlice(node) ? djangoReceiver(node.field('value') ?? node, resolving) : 'unknown';
    case 'conditional_expression': {
      const [value, , otherwise] = operandsOf(node);
      return value && otherwise
        ? together([djangoReceiver(value, resolving), djangoReceiver(otherwise, resolving)])
        : 'unknown';
    }
    case 'identifier':
      return receiverOfName(node, resolving);
    default:
      return 'unknown';
  }
}

/** `[:5]`; an index gives one object, and a step makes a list. */
function isSlice(node: SyntaxNode): boolean {
  const [index, ...others] = node.fieldChildren('subscript');
  return index?.is('slice') === true && others.length === 0 && (index.text().match(/:/g) ?? []).length === 1;
}

function receiverOfName(name: SyntaxNode, resolving: ReadonlySet<string>): DjangoReceiver {
  // `qs = qs.filter(...)`: it is what its other values are.
  if (resolving.has(name.text())) return 'queryset';
  const values = localValues(name);
  if (!values) return 'unknown';
  // Nothing can be counted on None, whichever way.
  const given = values.filter((value) => !value.is('none'));
  if (given.every((value) => rootOf(value) === name.text())) return 'unknown';
  const inside = new Set([...resolving, name.text()]);
  return together(given.map((value) => djangoReceiver(value, inside)));
}

/** The name that a chain begins with. */
function rootOf(expression: SyntaxNode): string | null {
  const node = unwrapped(expression);
  if (node.is('identifier')) return node.text();
  const below = node.field('function') ?? node.field('object') ?? node.field('value');
  return below && (node.is('call') || node.is('attribute') || node.is('subscript')) ? rootOf(below) : null;
}

function together(receivers: readonly DjangoReceiver[]): DjangoReceiver {
  if (receivers.includes('unknown')) return 'unknown';
  return receivers.includes('locking') ? 'locking' : 'queryset';
}
