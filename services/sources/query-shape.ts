import type { BindType } from '../definitions/model.js';

/**
 * What can be proved of a query, read off its syntax tree, whichever parser made it: what stands in FROM, and which columns equal
 * what. Whatever an adapter does not know is `unknown`, never left out. Names are as the database folds them.
 */
export type QueryShape =
  | { readonly kind: 'select'; readonly ctes: Ctes; readonly select: SelectShape }
  /** UNION and its like. `nested`: sub-selects beside the arms. */
  | {
      readonly kind: 'arms';
      readonly ctes: Ctes;
      readonly arms: readonly QueryShape[];
      readonly nested: readonly QueryShape[];
    }
  | UnknownShape;

/** `what` goes on in a sentence that begins with "nobody can tell, because of". */
export interface UnknownShape {
  readonly kind: 'unknown';
  readonly what: string;
}

/** The queries of WITH, in their order. */
export type Ctes = readonly Cte[];

export interface Cte {
  readonly name: string;
  readonly query: QueryShape;
  /** Which of the others it may name: those before it, those and itself (but for its first arm), or all. */
  readonly sees: 'before' | 'itself' | 'all';
}

export interface SelectShape {
  readonly from: readonly FromShape[];
  readonly where: Condition;
  readonly output: readonly OutputShape[];
  /** Sub-selects of everything but WITH and FROM. */
  readonly nested: readonly QueryShape[];
  /** Names given in the list that WHERE may mean, where the database allows that. */
  readonly whereAliases: ReadonlySet<string>;
}

export type FromShape = FromLeaf | JoinShape;

export type FromLeaf =
  | {
      readonly kind: 'table';
      /** Empty where none is written. */
      readonly schema: string;
      readonly name: string;
      readonly alias: string;
      /** Where it stands in Statement.text, in UTF-16 units; null when not told. */
      readonly offset: number | null;
    }
  | {
      readonly kind: 'query';
      readonly query: QueryShape;
      readonly alias: string;
      /** Whether it may name what stands before it in FROM. */
      readonly isLateral: boolean;
    }
  /** Made of its arguments alone. */
  | { readonly kind: 'values'; readonly alias: string; readonly nested: readonly QueryShape[] }
  | UnknownShape;

export interface JoinShape {
  readonly kind: 'join';
  readonly type: JoinType;
  readonly left: FromShape;
  readonly right: FromShape;
  readonly on: Condition;
  readonly using: readonly string[];
  /** Sub-selects of ON. */
  readonly nested: readonly QueryShape[];
}

export type JoinType = 'inner' | 'left' | 'right' | 'full';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly items: readonly Condition[] }
  | { readonly kind: 'equal'; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'other' };

/** Casts that keep different values different are left out. */
export type Operand =
  | { readonly kind: 'column'; readonly table: string | null; readonly name: string }
  | BindOperand
  | { readonly kind: 'other' };

export interface BindOperand {
  readonly kind: 'bind';
  readonly name: string;
  readonly type: BindType;
}

/** `table: null` of a star: all of FROM. `name: null`: whatever the database calls it. */
export type OutputShape =
  | { readonly kind: 'star'; readonly table: string | null }
  /** Columns of which no text tells the names. */
  | { readonly kind: 'any' }
  | { readonly kind: 'value'; readonly name: string | null; readonly value: Operand };

export const OTHER = { kind: 'other' } as const;

export function unknownShape(what: string): UnknownShape {
  return { kind: 'unknown', what };
}

/** What an adapter has to be told beside the tree. */
export interface ShapeOptions {
  /** What `$n` is bound to. */
  readonly bindAt: BindAt;
  /** The place in Statement.text of a byte of the SQL. */
  readonly offsetOf: (byteOffset: number) => number;
}

export type BindAt = (number: number) => BindOperand | null;

/** Of a query of which nobody can tell which tables it reads. */
export const UNTOLD = unknownShape('something of which nobody can tell which tables it reads');

/** Of what a parser found in a text, which has to be one statement. */
export function onlyShape(
  statements: readonly unknown[],
  read: (statement: unknown) => QueryShape,
): QueryShape {
  return statements.length === 1 ? read(statements[0]) : unknownShape('several statements, or none');
}

export function bindOperand(
  name: string | undefined,
  typeOf: (name: string) => BindType,
): BindOperand | null {
  return name === undefined ? null : { kind: 'bind', name, type: typeOf(name) };
}

/** The shape where columns are given other names: which is which is not followed. */
export function withoutOutput(query: QueryShape): QueryShape {
  return query.kind === 'select' ? { ...query, select: { ...query.select, output: [] } } : query;
}
