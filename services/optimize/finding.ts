import type { Edit } from './edit.js';
import type { SyntaxNode } from './syntax.js';

export type Orm = 'Django' | 'SQLAlchemy' | 'Prisma' | 'TypeORM';

/** An existence check made by counting, and what is to be done with it. */
export type Finding = RewrittenCheck | ReportedCheck;

export interface RewrittenCheck {
  readonly node: SyntaxNode;
  readonly orm: Orm;
  readonly edits: readonly Edit[];
}

/** One that is left as it is. */
export interface ReportedCheck {
  readonly node: SyntaxNode;
  /** Why it is left, as a sentence without its full stop. */
  readonly reason: string;
}

export function isRewritten(finding: Finding): finding is RewrittenCheck {
  return 'edits' in finding;
}

/** How an ORM can ask what the count was asked for: with edits, or not at all for a reason; null where the receiver is none of its. */
export type Proposal =
  | { readonly orm: Orm; readonly edits: readonly Edit[] }
  | { readonly reason: string }
  | null;
