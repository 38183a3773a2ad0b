import ts from 'typescript';

/** What the compiler says against the syntax of texts, by their titles. */
export function typeScriptFaults(
  texts: readonly { readonly title: string; readonly text: string }[],
): string[] {
  return texts.flatMap(({ title, text }) => {
    const { diagnostics = [] } = ts.transpileModule(text, {
      reportDiagnostics: true,
      fileName: 'case.ts',
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    return diagnostics.map(
      ({ messageText }) => `${title}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
  });
}
