import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import ts from 'typescript';

const ROOMS = ['services', 'plugins', 'routes', 'config', 'cli'];
const MAKER = join('services', 'definitions', 'tenant.ts');

/** Lines of a file that say of something that it is a Tenant without its maker's leave. */
function claimsIn(name: string, text: string): number[] {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const lines: number[] = [];
  const visit = (node: ts.Node): void => {
    const isClaim =
      ts.isAsExpression(node) || ts.isTypeAssertionExpression(node) || ts.isTypePredicateNode(node);
    if (isClaim && node.type && /\bTenant\b/.test(node.type.getText(file)))
      lines.push(file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return lines;
}

t.test('only its own file makes a Tenant', async (t) => {
  const names = ROOMS.flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: 'utf8' }).map((name) => join(room, name)),
  ).filter((name) => name.endsWith('.ts'));
  t.ok(names.includes(MAKER));
  const claims = names.filter((name) => claimsIn(name, readFileSync(name, 'utf8')).length > 0);
  t.same(claims, [MAKER]);
});

t.test('a claim is found in every form', async (t) => {
  for (const text of [
    'f(x as Tenant)',
    'f(x as unknown as Tenant)',
    'f(<Tenant>x)',
    'const f = (x: unknown): x is Tenant => true',
  ])
    t.same(claimsIn('a.ts', text), [1], text);
  t.same(claimsIn('a.ts', 'const x: Tenant = tenantFromParameter("7")'), []);
});
