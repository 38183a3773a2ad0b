import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

const FOLDER = fileURLToPath(new URL('../../../deploy/kubernetes/', import.meta.url));

export interface Manifest {
  readonly file: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: unknown;
  readonly data?: Readonly<Record<string, string>>;
}

/** What `kubectl apply -f deploy/kubernetes` would send, in the order of the files. */
export function manifests(): readonly Manifest[] {
  return readdirSync(FOLDER).flatMap((file) =>
    parseAllDocuments(readFileSync(FOLDER + file, 'utf8')).map((document) => {
      if ('errors' in document && document.errors[0]) throw document.errors[0];
      return { file, ...document.toJS() } as Manifest;
    }),
  );
}

/** The one of that kind and name. */
export function manifestOf<Spec>(kind: string, name = 'dashcache'): Manifest & { readonly spec: Spec } {
  const found = manifests().find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (!found) throw new Error(`There is no ${kind} ${name}`);
  return found as Manifest & { readonly spec: Spec };
}
