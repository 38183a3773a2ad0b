import type { Source } from '../sources/source.js';

/** Of each source by its name; null where it has none or does not answer. */
export type SchemaSignatures = ReadonlyMap<string, string | null>;

/** Asks every source; never rejects. */
export async function schemaSignatures(sources: ReadonlyMap<string, Source>): Promise<SchemaSignatures> {
  const asked = [...sources].map(async ([name, source]) => {
    const signature = await Promise.resolve(source.schemaSignature?.()).catch(() => null);
    return [name, signature ?? null] as const;
  });
  return new Map(await Promise.all(asked));
}

/** Whether some source says something new. One that does not answer now says nothing. */
export function isSchemaChanged(before: SchemaSignatures, now: SchemaSignatures): boolean {
  return [...now].some(([name, signature]) => signature !== null && signature !== before.get(name));
}
