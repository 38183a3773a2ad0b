import { operandsOf, unwrapped } from '../existence.js';
import type { SyntaxNode } from '../syntax.js';
import { functionOf, localValues } from './local-values.js';

/** Methods of Query after which EXISTS over it is true exactly when its count is above zero. */
const CHAINED =
  /^(filter|filter_by|where|join|outerjoin|select_from|order_by|group_by|having|distinct|options|limit|offset|slice|enable_eagerloads|correlate|with_parent)$/;

/** A query of SQLAlchemy: what to ask for its existence through, or why it cannot be asked. */
export type SqlAlchemyQuery = { readonly session: string } | { readonly reason: string };

/** Null where the receiver is no query that begins with `session.query(...)`. */
export function sqlAlchemyQuery(
  expression: SyntaxNode,
  { hasSqlAlchemy, resolving = new Set() }: { hasSqlAlchemy: boolean; resolving?: ReadonlySet<string> },
): SqlAlchemyQuery | null {
  const node = unwrapped(expression);
  if (node.is('identifier')) return queryOfName(node, { hasSqlAlchemy, resolving });
  const callee = node.is('call') ? node.field('function') : null;
  const object = callee?.is('attribute') ? callee.field('object') : null;
  if (!callee || !object) return legacyQuery(node);
  const method = callee.field('attribute')?.text() ?? '';
  if (method === 'query') return queryOf(node, object, hasSqlAlchemy);
  const below = sqlAlchemyQuery(object, { hasSqlAlchemy, resolving });
  if (!below || 'reason' in below || CHAINED.test(method)) return below;
  return { reason: `\`${method}\` of a query of SQLAlchemy is not known to keep what exists` };
}

/** `User.query` of Flask-SQLAlchemy has a session, but the text does not say which. */
function legacyQuery(node: SyntaxNode): SqlAlchemyQuery | null {
  if (!node.is('attribute') || node.field('attribute')?.text() !== 'query') return null;
  return { reason: '`.query` of a model does not say through which session to ask for existence' };
}

function queryOf(call: SyntaxNode, session: SyntaxNode, hasSqlAlchemy: boolean): SqlAlchemyQuery | null {
  const text = session.text();
  const isNamedSession = /(^|[._])session$/i.test(text);
  if (!hasSqlAlchemy && !isNamedSession) return null;
  // It is written twice afterwards, so nothing may happen when it is read.
  if (!session.is('identifier') && !(isNamedSession && /^[\w.]+$/.test(text)))
    return { reason: `the session is not a plain name, and would be asked for twice: ${text}` };
  if (session.is('identifier') && !isSettled(session))
    return { reason: `${text} is given several values in this function` };
  const given = call.field('arguments');
  const asked = given ? operandsOf(given) : [];
  // `query(func.count(X.id))` always has one row.
  if (asked.length === 0 || !asked.every((child) => child.is('identifier') || isColumn(child)))
    return { reason: 'the query selects something other than models and columns' };
  return { session: text };
}

function isColumn(node: SyntaxNode): boolean {
  return node.is('attribute') && /^[\w.]+$/.test(node.text());
}

/** Whether a name stands for one session wherever its function mentions it: a parameter, a global, or one value. */
function isSettled(session: SyntaxNode): boolean {
  const values = localValues(session);
  return !values || values.length === 1;
}

function queryOfName(
  name: SyntaxNode,
  { hasSqlAlchemy, resolving }: { hasSqlAlchemy: boolean; resolving: ReadonlySet<string> },
): SqlAlchemyQuery | null {
  if (!functionOf(name) || resolving.has(name.text())) return null;
  const values = localValues(name);
  if (!values) return null;
  const inside = new Set([...resolving, name.text()]);
  const own = values.filter((value) => !continues(value, name.text()));
  const queries = own.map((value) => sqlAlchemyQuery(value, { hasSqlAlchemy, resolving: inside }));
  const [first] = queries;
  if (!first || 'reason' in first) return first ?? null;
  if (!queries.every((query) => query && 'session' in query && query.session === first.session)) return null;
  // `q = q.filter(...)`: each step must keep what exists too.
  const steps = values.filter((value) => continues(value, name.text()));
  return steps.every(onlyChains)
    ? first
    : { reason: `${name.text()} is given something that is not known to be a query` };
}

/** Whether a value is a chain on the name itself. */
function continues(value: SyntaxNode, name: string): boolean {
  const node = unwrapped(value);
  if (node.is('identifier')) return node.text() === name;
  const below = node.is('call') ? node.field('function') : node.is('attribute') ? node.field('object') : null;
  return below !== null && continues(below, name);
}

function onlyChains(value: SyntaxNode): boolean {
  const node = unwrapped(value);
  if (node.is('identifier')) return true;
  const callee = node.is('call') ? node.field('function') : null;
  const object = callee?.is('attribute') ? callee.field('object') : null;
  return object != null && CHAINED.test(callee?.field('attribute')?.text() ?? '') && onlyChains(object);
}
