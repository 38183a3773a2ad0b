import { plpgsqlBody, sqlBody } from './body-texts.js';
import { mayReadElsewhere } from './built-in-functions.js';
import type { Catalogue, Ingredients, Relation, Routine, Session } from './catalogue.js';
import { namesIn } from './names-in.js';
import { parseSql } from './parser.js';
import { searchPath } from './search-path.js';

/** How names are looked up where they stand, and whether a plan of the query would show what they lead to. */
interface Context {
  readonly path: readonly string[];
  readonly isPlanned: boolean;
  /** Whether rows are read with the rights of whoever asks, not of a view's or function's owner. */
  readonly isOwn: boolean;
  /** Whose text names it: what a view or a policy is made of is their affair, whatever it calls. */
  readonly origin: 'query' | 'routine' | 'relation';
}

const SYSTEM_SCHEMAS = new Set(['pg_catalog', 'information_schema', 'pg_toast']);

/**
 * Follows the names in a query through the catalogue: views, functions, partitions, policies, whatever these name in turn.
 * Materialised views and foreign tables are not followed: what is read is what they hold.
 */
export class DependencyWalk {
  /** By oid. */
  readonly relations = new Map<string, Relation>();
  /** Those of `relations` that a plan of the query shows unless it can do without them. */
  readonly planned = new Set<string>();
  /** Something is read that no name tells. */
  isUnknown = false;
  /** Something was added that may not be read. */
  isOver = false;
  /** A function that the query itself calls reads a table. */
  readsInRoutine = false;
  readonly #catalogue: Catalogue;
  readonly #session: Session;
  readonly #seen = new Set<string>();

  constructor(catalogue: Catalogue, session: Session) {
    this.#catalogue = catalogue;
    this.#session = session;
  }

  query(tree: unknown): Promise<void> {
    return this.#tree(tree, { path: this.#session.path, isPlanned: true, isOwn: true, origin: 'query' });
  }

  async #tree(tree: unknown, context: Context): Promise<void> {
    const { relations, functions, members, operators } = namesIn(tree);
    const found = await this.#catalogue.relationsNamed(relations, context.path);
    for (const [index, relation] of found.entries()) {
      if (relation) await this.#relation(relation, context, relations[index]?.withChildren ?? true);
      // A table that is there only while a function runs, or in a schema that the session cannot see.
      else this.isUnknown = true;
    }
    const routines = await this.#catalogue.routinesNamed(functions, context.path);
    for (const place of functions.keys()) {
      const meant = routines.filter((routine) => routine.place === place + 1);
      // A type written as a function, or a function that nobody has.
      if (meant.length === 0) this.isUnknown = true;
      await this.#routines(meant, context, meant.length === 1);
    }
    await this.#routines(await this.#catalogue.routinesImplied(members, operators), context, false);
  }

  async #relation(relation: Relation, context: Context, withChildren: boolean): Promise<void> {
    const { oid, schema, kind } = relation;
    if (context.origin === 'routine') this.readsInRoutine = true;
    if (SYSTEM_SCHEMAS.has(schema) || relation.isTemporary || kind === 'S') {
      // No feed tells of these.
      this.isUnknown = true;
      return;
    }
    if (!'rpvmf'.includes(kind) || this.#isSeen(`${oid} ${withChildren} ${context.isPlanned}`)) return;
    this.#add(relation, context.isPlanned && kind !== 'v' && kind !== 'p');
    if (kind === 'v') {
      const view = await this.#catalogue.view(oid);
      await this.#ingredients(view, {
        path: this.#session.path,
        isPlanned: context.isPlanned,
        isOwn: context.isOwn && view.isOwn,
        origin: 'relation',
      });
    } else if (kind !== 'm') {
      await this.#family(oid, context, withChildren);
    }
    if (relation.hasRowSecurity) await this.#policies(oid, context);
  }

  /** What is written to a parent may land in a child, and what is written to a child is read with its parent. */
  async #family(oid: string, context: Context, withChildren: boolean): Promise<void> {
    const children = withChildren ? await this.#catalogue.descendants([oid]) : [];
    for (const child of children) this.#add(child, context.isPlanned && child.kind !== 'p');
    for (const parent of await this.#catalogue.ancestors([oid])) this.#add(parent, false);
  }

  /** Looked at whoever asks: for some other they are in force. */
  async #policies(oid: string, { isOwn }: Context): Promise<void> {
    const countBefore = this.relations.size;
    const policies = await this.#catalogue.policies(oid);
    await this.#ingredients(policies, {
      path: this.#session.path,
      isPlanned: false,
      isOwn,
      origin: 'relation',
    });
    if (!(isOwn && policies.isOwn) && this.relations.size > countBefore) this.isOver = true;
  }

  async #ingredients({ texts, relations, routineOids }: Ingredients, context: Context): Promise<void> {
    for (const text of texts) {
      const tree = await parseSql(text);
      if (tree === null) this.isUnknown = true;
      else await this.#tree(tree, context);
    }
    // The text tells of ONLY, so it comes first.
    for (const relation of relations)
      if (!this.relations.has(relation.oid)) await this.#relation(relation, context, true);
    for (const routine of await this.#catalogue.routines(routineOids)) await this.#routine(routine, context);
  }

  async #routines(routines: readonly Routine[], context: Context, isSure: boolean): Promise<void> {
    const countBefore = this.relations.size;
    for (const routine of routines) await this.#routine(routine, context);
    if (!isSure && this.relations.size > countBefore) this.isOver = true;
  }

  async #routine(routine: Routine, context: Context): Promise<void> {
    const path = this.#pathOf(routine, context);
    const origin = context.origin === 'relation' ? 'relation' : 'routine';
    if (this.#isSeen(`${routine.oid} ${origin} ${path.join(' ')}`)) return;
    for (const part of await this.#catalogue.routines(routine.parts)) await this.#routine(part, context);
    const { language, definition } = routine;
    if (definition === null || (language !== 'sql' && language !== 'plpgsql')) {
      if (mayReadElsewhere(routine)) this.isUnknown = true;
      return;
    }
    const body = await (language === 'sql' ? sqlBody(definition) : plpgsqlBody(definition));
    if (!body) {
      this.isUnknown = true;
      return;
    }
    const countBefore = this.relations.size;
    const isOwn = context.isOwn && routine.runsAs === null;
    for (const tree of body.early)
      await this.#tree(tree, { path: this.#session.path, isPlanned: false, isOwn, origin });
    for (const tree of body.late) await this.#tree(tree, { path, isPlanned: false, isOwn, origin });
    // Which of its branches runs is known only when it does.
    if (language === 'plpgsql' && this.relations.size > countBefore) this.isOver = true;
  }

  #pathOf({ searchPath: own, runsAs }: Routine, context: Context): readonly string[] {
    const { role, searchPath: setting } = this.#session;
    if (own !== null) return searchPath(own, runsAs ?? role);
    return runsAs === null ? context.path : searchPath(setting, runsAs);
  }

  #add(relation: Relation, isPlanned: boolean): void {
    this.relations.set(relation.oid, relation);
    if (isPlanned) this.planned.add(relation.oid);
  }

  #isSeen(what: string): boolean {
    if (this.#seen.has(what)) return true;
    this.#seen.add(what);
    return false;
  }
}
