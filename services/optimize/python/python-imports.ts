import type { SyntaxNode } from '../syntax.js';

/** Also what counts the rows of things that are named `*_set` as well. */
const OTHER_ORMS =
  /^(sqlalchemy|flask_sqlalchemy|sqlmodel|geoalchemy2|mongoengine|flask_mongoengine|django_mongoengine|mongomotor|pymongo|motor|beanie|odmantic|umongo|peewee|playhouse|peewee_async|tortoise|pony|sqlobject|ormar|gino|piccolo|edgy|saffier|neomodel|cassandra|elasticsearch_dsl|opensearch_dsl|redis_om|orator|masoniteorm|pynamodb|storm|elixir|databases|orm|pyspark|snowflake|databricks)$/;

/** What a file of Python imports that decides what its receivers are. */
export interface PythonImports {
  /** An ORM other than Django's, by the name of its package; null without one. */
  readonly otherOrm: string | null;
  readonly hasSqlAlchemy: boolean;
  /** Whether it is a migration: what it counts is asked once. */
  readonly isMigration: boolean;
}

export function pythonImports(root: SyntaxNode): PythonImports {
  const statements = root.findAll({
    rule: { any: [{ kind: 'import_statement' }, { kind: 'import_from_statement' }] },
  });
  const packages = statements.flatMap(packagesOf);
  return {
    otherOrm: packages.find((name) => OTHER_ORMS.test(name)) ?? null,
    hasSqlAlchemy: packages.some((name) => /^(flask_)?sqlalchemy$|^sqlmodel$/.test(name)),
    isMigration: statements.some((statement) =>
      /^from\s+(django\.db\s+import\s.*\bmigrations\b|alembic\s+import\b)|^import\s+alembic\b/s.test(
        statement.text(),
      ),
    ),
  };
}

/** The packages of an import, without what is inside of them; what begins with a dot is the project itself. */
function packagesOf(statement: SyntaxNode): string[] {
  const from = statement.field('module_name');
  const names = from ? [from] : statement.fieldChildren('name');
  return names.flatMap((name) => {
    const path = name.is('aliased_import') ? name.field('name')?.text() : name.text();
    return path === undefined || path.startsWith('.') ? [] : [path.split('.')[0]?.trim() ?? ''];
  });
}
