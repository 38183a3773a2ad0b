import { posix } from 'node:path';
import ts from 'typescript';

export interface ImportedName {
  /** A path inside the project such as `services/clock.ts`, or the name of a package such as `node:fs`. */
  readonly target: string;
  readonly isPackage: boolean;
  /** Leaves nothing behind in the compiled file. */
  readonly typeOnly: boolean;
}

/** Everything that a file of the project imports or exports from elsewhere, dynamic imports included. */
export function importsOf(path: string, text: string): ImportedName[] {
  const found: ImportedName[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (!specifier || !ts.isStringLiteralLike(specifier)) return;
    const isPackage = !specifier.text.startsWith('.');
    const target = isPackage
      ? specifier.text
      : posix.join(posix.dirname(path), specifier.text).replace(/\.js$/, '.ts');
    found.push({ target, isPackage, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, onlyTypes(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
  return found;
}

/** `import type x`, or braces in which every name is a type. A bare `import './x.js'` runs it. */
function onlyTypes(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  const { name, namedBindings } = clause;
  if (name || !namedBindings || !ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.length > 0 && namedBindings.elements.every((element) => element.isTypeOnly);
}
