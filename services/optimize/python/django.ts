import { operandsOf, unwrapped } from '../existence.js';
import type { SyntaxNode } from '../syntax.js';
import { localValues } from './local-values.js';

/** What ends a chain: it gives an object, a number or an iterator, or begins something else. */
const NO_QUERYSET =
  /^(a?(get|first|last|latest|earliest|create|get_or_create|update_or_create|aggregate|in_bulk|iterator|count|exists|update|delete|bulk_create|bulk_update|explain|contains|add|set|remove|clear)|raw|get_by_natural_key|create_user|create_superuser)$/;

const COMBINES = /^(union|intersection|difference)$/;

/** What was done to a queryset or a manager of Django that `exists()` may see otherwise than `count()`. */
export interface DjangoReceiver {
  readonly isLocking: boolean;
  readonly isCombined: boolean;
  readonly isSliced: boolean;
}

const PLAIN: DjangoReceiver = { isLocking: false, isCombined: false, isSliced: false };

/**
 * Of `X.objects`, a related manager named `*_set`, whatever is chained to one of them, and a local name that its function gives
 * nothing else; null for all others.
 */
export function djangoReceiver(
  expression: SyntaxNode,
  resolving: ReadonlySet<string> = new Set(),
): DjangoReceiver | null {
  const node = unwrapped(expression);
  switch (node.kind()) {
    case 'attribute':
      return /^objects$|._set$/.test(node.field('attribute')?.text() ?? '') ? PLAIN : null;
    case 'call':
      return receiverOfCall(node, resolving);
    case 'subscript': {
      const value = node.field('value');
      const sliced = value && isSlice(node) ? djangoReceiver(value, resolving) : null;
      return sliced && { ...sliced, isSliced: true };
    }
    case 'conditional_expression': {
      const [value, , otherwise] = operandsOf(node);
      return value && otherwise
        ? together([djangoReceiver(value, resolving), djangoReceiver(otherwise, resolving)])
        : null;
    }
    case 'identifier':
      return receiverOfName(node, resolving);
    default:
      return null;
  }
}

/** Why `exists()` would not be the same question; null where it is. */
export function doubtOf({ isLocking, isCombined, isSliced }: DjangoReceiver): string | null {
  if (isLocking) return 'exists() would lock a row, count() locks none';
  // Seen in Django 5.2: exists() takes one row of each part before it slices.
  return isCombined && isSliced ? 'exists() of a slice of a union is not what its count says' : null;
}

function receiverOfCall(call: SyntaxNode, resolving: ReadonlySet<string>): DjangoReceiver | null {
  const callee = call.field('function');
  const object = callee?.is('attribute') ? callee.field('object') : null;
  const method = callee?.field('attribute')?.text() ?? '';
  if (!object || NO_QUERYSET.test(method)) return null;
  const receiver = djangoReceiver(object, resolving);
  return (
    receiver && {
      ...receiver,
      isLocking: receiver.isLocking || method === 'select_for_update',
      isCombined: receiver.isCombined || COMBINES.test(method),
    }
  );
}

/** `[:5]`; an index gives one object, and a step makes a list. */
function isSlice(node: SyntaxNode): boolean {
  const [index, ...others] = node.fieldChildren('subscript');
  return index?.is('slice') === true && others.length === 0 && (index.text().match(/:/g) ?? []).length === 1;
}

function receiverOfName(name: SyntaxNode, resolving: ReadonlySet<string>): DjangoReceiver | null {
  // `qs = qs.filter(...)`: it is what its other values are.
  if (resolving.has(name.text())) return PLAIN;
  const values = localValues(name);
  if (!values) return null;
  // Nothing can be counted on None, whichever way.
  const given = values.filter((value) => !value.is('none'));
  if (given.every((value) => rootOf(value) === name.text())) return null;
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

function together(receivers: readonly (DjangoReceiver | null)[]): DjangoReceiver | null {
  return receivers.reduce(
    (one, other) =>
      one &&
      other && {
        isLocking: one.isLocking || other.isLocking,
        isCombined: one.isCombined || other.isCombined,
        isSliced: one.isSliced || other.isSliced,
      },
    PLAIN,
  );
}
