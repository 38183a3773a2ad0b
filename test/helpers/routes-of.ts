import type { FastifyInstance } from 'fastify';

/** Every route of an app as OpenAPI writes it: its path with {names}, and its methods. */
export function routesOf(app: FastifyInstance): ReadonlyMap<string, readonly string[]> {
  const routes = new Map<string, readonly string[]>();
  const above: string[] = [];
  const tree = app.printRoutes({ commonPrefix: false, includeMeta: false });
  for (const line of tree.split('\n')) {
    const [, indent = '', path = '', methods] = /^([│ ]*)[├└]── (\S+)(?: \((.+)\))?$/.exec(line) ?? [];
    if (path === '') continue;
    const depth = indent.length / 4;
    above.splice(depth, above.length, path);
    if (methods) routes.set(above.join('').replace(/:(\w+)/g, '{$1}'), methods.split(', '));
  }
  return routes;
}
