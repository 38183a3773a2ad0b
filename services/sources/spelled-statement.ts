import type { Statement } from '../definitions/model.js';

interface Piece {
  readonly sqlStart: number;
  readonly sqlEnd: number;
  readonly textStart: number;
  readonly isPlaceholder: boolean;
}

/** A statement as a database reads it. */
export interface SpelledStatement {
  readonly sql: string;
  /** The place in Statement.text that a place in `sql` stands for, both in UTF-16 units; a placeholder is its colon. */
  offsetOf(sqlOffset: number): number;
}

/** Writes every `:name` of a statement in another way. */
export function spellStatement(
  statement: Statement,
  placeholder: (name: string) => string,
): SpelledStatement {
  const pieces: Piece[] = [];
  let sql = '';
  let textStart = 0;
  const add = (written: string, textLength: number, isPlaceholder: boolean) => {
    pieces.push({ sqlStart: sql.length, sqlEnd: sql.length + written.length, textStart, isPlaceholder });
    sql += written;
    textStart += textLength;
  };
  for (const [index, segment] of statement.segments.entries()) {
    add(segment, segment.length, false);
    const name = statement.names[index];
    if (name !== undefined) add(placeholder(name), name.length + 1, true);
  }
  return { sql, offsetOf: (sqlOffset) => offsetIn(pieces, sqlOffset) };
}

function offsetIn(pieces: readonly Piece[], sqlOffset: number): number {
  const piece = pieces.find(({ sqlEnd }) => sqlOffset < sqlEnd) ?? pieces.at(-1);
  if (!piece) return 0;
  if (piece.isPlaceholder) return piece.textStart;
  return piece.textStart + Math.min(sqlOffset, piece.sqlEnd) - piece.sqlStart;
}
