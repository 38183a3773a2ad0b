import { quoteIdentifier } from '../../sources/sql-quote.js';
import type { ShapeOfTable } from '../watched-shape.js';
import { isWritten, lacksIdentity } from './faults-of-installation.js';
import { relationName } from './relation-name.js';

export interface PublicationState {
  readonly publication: string;
  readonly publicationExists: boolean;
  readonly role: string;
  readonly canReplicate: boolean;
}

/**
 * What a logical feed needs of its database. Not publish_via_partition_root: with it a TRUNCATE of one partition is told to nobody.
 * A table without a key gets REPLICA IDENTITY FULL, or PostgreSQL would refuse its updates once it is published.
 */
export function installPublicationSql(shape: readonly ShapeOfTable[], state: PublicationState): string[] {
  const name = quoteIdentifier(state.publication);
  const written = shape.filter(isWritten);
  const missing = written.filter(({ isPublished }) => !isPublished);
  const tables = missing.flatMap(({ root }) => (root ? [relationName(root)] : [])).join(', ');
  const identities = written
    .flatMap(({ parts }) => parts.filter(lacksIdentity))
    .map((part) => `ALTER TABLE ${relationName(part)} REPLICA IDENTITY FULL`);
  return [
    ...(state.canReplicate ? [] : [`ALTER ROLE ${quoteIdentifier(state.role)} REPLICATION`]),
    // Before the table is published: between the two its updates would fail.
    ...new Set(identities),
    ...(tables === '' ? [] : [publish(name, tables, state)]),
  ];
}

export function removePublicationSql({ publication, publicationExists }: PublicationState): string[] {
  return publicationExists ? [`DROP PUBLICATION ${quoteIdentifier(publication)}`] : [];
}

function publish(name: string, tables: string, { publicationExists }: PublicationState): string {
  return publicationExists
    ? `ALTER PUBLICATION ${name} ADD TABLE ${tables}`
    : `CREATE PUBLICATION ${name} FOR TABLE ${tables} WITH (publish = 'insert, update, delete, truncate')`;
}
