import type { Components } from './document.js';

const REF = /^#\/components\/(\w+)\/([^/]+)$/;

type Kinds = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The components that the paths refer to, directly or through each other. */
export function referencedComponents(paths: object, components: Components): Components {
  const kinds = components as Kinds;
  const found = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('$ref' in node && typeof node.$ref === 'string') follow(node.$ref);
    if ('security' in node)
      for (const name of schemesOf(node.security)) found.add(`#/components/securitySchemes/${name}`);
    for (const value of Object.values(node)) visit(value);
  };
  const follow = (target: string): void => {
    if (found.has(target)) return;
    found.add(target);
    const [, kind = '', name = ''] = REF.exec(target) ?? [];
    visit(kinds[kind]?.[name]);
  };
  visit(paths);
  const kept = Object.entries(kinds).map(([kind, named]) => {
    const used = Object.entries(named).filter(([name]) => found.has(`#/components/${kind}/${name}`));
    return [kind, Object.fromEntries(used)] as const;
  });
  return Object.fromEntries(kept);
}

/** Those of an operation are named without a reference. */
function schemesOf(security: unknown): string[] {
  return Array.isArray(security) ? security.flatMap((alternative: object) => Object.keys(alternative)) : [];
}
