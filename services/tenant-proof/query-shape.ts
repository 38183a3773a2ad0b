/** What the proof needs to know of a query, whichever parser read it. What a parser's adapter does not know becomes `unknown`. */
export type QueryShape =
  | { readonly kind: 'select'; readonly ctes: Ctes; readonly select: SelectShape }
  | {
      readonly kind: 'arms';
      readonly ctes: Ctes;
      readonly arms: readonly QueryShape[];
      readonly nested: readonly QueryShape[];
    }
  | { readonly kind: 'unknown'; readonly what: string };

export interface Ctes {
  readonly isRecursive: boolean;
  readonly items: readonly { readonly name: string; readonly query: QueryShape }[];
}

export interface SelectShape {
  readonly from: readonly FromShape[];
  readonly where: Condition;
  readonly output: readonly OutputShape[];
  /** Sub-selects of the list, WHERE, GROUP BY, HAVING and ORDER BY. */
  readonly nested: readonly QueryShape[];
  /** Names given in the list that WHERE may mean, where the database allows that. */
  readonly whereAliases: ReadonlySet<string>;
}

export type FromShape =
  | {
      readonly kind: 'table';
      readonly schema: string;
      readonly name: string;
      readonly alias: string;
      readonly isRenamed: boolean;
    }
  | {
      readonly kind: 'query';
      readonly query: QueryShape;
      readonly alias: string;
      /** Whether it may name its neighbours in FROM. */
      readonly isLateral: boolean;
    }
  /** Reads nothing but its arguments. */
  | { readonly kind: 'values'; readonly alias: string; readonly nested: readonly QueryShape[] }
  | {
      readonly kind: 'join';
      readonly type: 'inner' | 'left' | 'right' | 'full';
      readonly left: FromShape;
      readonly right: FromShape;
      readonly on: Condition;
      readonly using: readonly string[];
      readonly nested: readonly QueryShape[];
    }
  | { readonly kind: 'unknown'; readonly what: string };

export type Operand =
  | { readonly kind: 'column'; readonly table: string | null; readonly name: string }
  | { readonly kind: 'tenant' }
  | { readonly kind: 'other' };

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly items: readonly Condition[] }
  | { readonly kind: 'equal'; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'other' };

/** `table: null` of a star: all of FROM. */
export type OutputShape =
  | { readonly kind: 'star'; readonly table: string | null }
  | { readonly kind: 'value'; readonly name: string | null; readonly value: Operand };

export const NO_CONDITION: Condition = { kind: 'other' };
