import { spawnSync } from 'node:child_process';

const PROGRAM = `
import json, sys
faults = []
for one in json.load(sys.stdin):
    try:
        compile(one["text"], one["title"], "exec")
    except SyntaxError as error:
        faults.append(f"{one['title']}: {error}")
json.dump(faults, sys.stdout)
`;

/** What python3's compiler says against texts, by their titles; null where there is no python3. */
export function pythonFaults(
  texts: readonly { readonly title: string; readonly text: string }[],
): string[] | null {
  const input = JSON.stringify(texts.map(({ title, text }) => ({ title, text })));
  const { status, stdout, error } = spawnSync('python3', ['-W', 'ignore', '-c', PROGRAM], {
    input,
    encoding: 'utf8',
  });
  if (error) return null;
  if (status !== 0) throw new Error(`python3 ended with ${status}`);
  return JSON.parse(stdout);
}
