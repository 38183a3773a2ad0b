import {
  DuckDBArrayType,
  DuckDBArrayValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBMapType,
  DuckDBMapValue,
  DuckDBStructType,
  DuckDBStructValue,
  type DuckDBType,
  DuckDBUnionType,
  DuckDBUnionValue,
  type DuckDBValue,
  DuckDBVariantValue,
  VARCHAR,
} from '@duckdb/node-api';
import { DashcacheError } from '../../../errors.js';
import { jsonText, jsonValue } from '../../content/json-value.js';
import type { CellReader } from './cell-reader.js';

type JsonReader = (value: DuckDBValue) => string;
type ReaderOf = (type: DuckDBType) => CellReader;

/** Reads values of a nested type as JSON text, the inner ones by the same rules as whole columns. */
export function nestedReader(type: DuckDBType, readerOf: ReaderOf): JsonReader {
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) {
    const inner = innerReader(type.valueType, readerOf);
    return (value) => {
      const isList = value instanceof DuckDBListValue || value instanceof DuckDBArrayValue;
      return isList ? `[${value.items.map(inner).join(',')}]` : 'null';
    };
  }
  if (type instanceof DuckDBStructType) return structReader(type, readerOf);
  if (type instanceof DuckDBMapType) return mapReader(type, readerOf);
  if (type instanceof DuckDBUnionType) return unionReader(type, readerOf);
  return (value) => (value instanceof DuckDBVariantValue ? variantJson(value, readerOf) : 'null');
}

function innerReader(type: DuckDBType, readerOf: ReaderOf): JsonReader {
  const reader = readerOf(type);
  return (value) => jsonValue(reader.type, reader.read(value));
}

function structReader(type: DuckDBStructType, readerOf: ReaderOf): JsonReader {
  if (new Set(type.entryNames).size < type.entryNames.length) {
    // The driver hands structs over by name, so equal names (row(1, 2) has only empty ones) would lose values silently.
    throw new DashcacheError('source_wrong_answer', {
      detail: 'A column holds a struct without distinct field names: name its fields in the query.',
    });
  }
  const fields = type.entryNames.map((name, index) => {
    const fieldType = type.entryTypes[index] as DuckDBType;
    return { name, key: jsonText(name), read: innerReader(fieldType, readerOf) };
  });
  return (value) => {
    if (!(value instanceof DuckDBStructValue)) return 'null';
    return `{${fields.map(({ name, key, read }) => `${key}:${read(value.entries[name] ?? null)}`).join(',')}}`;
  };
}

function mapReader(type: DuckDBMapType, readerOf: ReaderOf): JsonReader {
  const keys = readerOf(type.keyType);
  const read = innerReader(type.valueType, readerOf);
  return (value) => {
    if (!(value instanceof DuckDBMapValue)) return 'null';
    return `{${value.entries.map((entry) => `${jsonText(String(keys.read(entry.key)))}:${read(entry.value)}`).join(',')}}`;
  };
}

function unionReader(type: DuckDBUnionType, readerOf: ReaderOf): JsonReader {
  const readers = new Map(
    type.memberTags.map((tag, index) => [tag, innerReader(type.memberTypes[index] as DuckDBType, readerOf)]),
  );
  return (value) => {
    const read = value instanceof DuckDBUnionValue ? readers.get(value.tag) : undefined;
    if (!(value instanceof DuckDBUnionValue) || !read) return 'null';
    return `{${jsonText(value.tag)}:${read(value.value)}}`;
  };
}

function variantJson(value: DuckDBVariantValue, readerOf: ReaderOf): string {
  if (value.value === null) return 'null';
  const reader = readerOf(value.type ?? VARCHAR);
  return jsonValue(reader.type, reader.read(value.value));
}
