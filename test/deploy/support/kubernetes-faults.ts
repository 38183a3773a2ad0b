import { createRequire } from 'node:module';

/** As kubernetes-models has them, which are made of the OpenAPI schemas of Kubernetes. */
type Model = { readonly prototype: { validate(): void } };

interface Named {
  readonly apiVersion: string;
  readonly kind: string;
}

const require = createRequire(import.meta.url);

/** What Kubernetes' own schema of a kind says against a manifest; if nothing, every field that the schema does not know. */
export function kubernetesFaults(manifest: Named): readonly string[] {
  const Kind = (require(`kubernetes-models/${manifest.apiVersion}`) as Record<string, Model>)[manifest.kind];
  if (!Kind) return [`${manifest.apiVersion} has no ${manifest.kind}`];
  const watched = new Watched();
  try {
    // Not of a model: that would be a copy, and all of it looked at.
    Kind.prototype.validate.call(watched.watch(manifest));
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  return watched.unread(manifest, '');
}

/**
 * Kubernetes' schemas let unknown fields pass, which the server then drops without a word: here a field that a validator never looks
 * at is one.
 */
class Watched {
  readonly #names = new Map<object, Set<string>>();
  readonly #proxies = new Map<object, object>();

  watch<T extends object>(value: T): T {
    const known = this.#proxies.get(value);
    if (known) return known as T;
    const names = new Set<string>();
    const proxy = new Proxy(value, {
      get: (target, name, receiver) => {
        if (typeof name === 'string') names.add(name);
        const found: unknown = Reflect.get(target, name, receiver);
        return typeof found === 'object' && found !== null ? this.watch(found) : found;
      },
    });
    this.#names.set(value, names);
    this.#proxies.set(value, proxy);
    return proxy;
  }

  unread(value: unknown, path: string): readonly string[] {
    if (typeof value !== 'object' || value === null) return [];
    const names = this.#names.get(value);
    return Object.entries(value).flatMap(([name, inner]) =>
      names?.has(name) ? this.unread(inner, `${path}/${name}`) : [`${path}/${name} is not known`],
    );
  }
}
