import type { SyntaxNode } from '../syntax.js';

/** What a file of TypeScript imports that decides what its receivers are. */
export interface TypeScriptImports {
  readonly hasTypeOrm: boolean;
  /** An ORM whose words are like those of TypeORM, by the name of its package; null without one. */
  readonly otherOrm: string | null;
  /** Whether it drives a browser, where what is counted is on a page. */
  readonly hasPages: boolean;
  readonly isMigration: boolean;
}

export function typeScriptImports(root: SyntaxNode): TypeScriptImports {
  const statements = root.findAll({ rule: { kind: 'import_statement' } });
  const packages = statements.map((statement) => statement.field('source')?.text().slice(1, -1) ?? '');
  return {
    hasTypeOrm: packages.some((name) => /^(typeorm|@nestjs\/typeorm)(\/|$)/.test(name)),
    otherOrm:
      packages.find((name) =>
        /^(@mikro-orm\/|mongoose|sequelize|sequelize-typescript|objection|@nestjs\/mongoose)/.test(name),
      ) ?? null,
    hasPages: packages.some((name) => /^(@playwright\/|playwright)/.test(name)),
    isMigration: root.find({ rule: { kind: 'class_heritage', regex: '\\bMigrationInterface\\b' } }) !== null,
  };
}
