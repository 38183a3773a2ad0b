import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { type Service, type ServiceOptions, startService } from '../../helpers/start-service.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BUILT = join(ROOT, '.tap', 'built');
/** What is compiled into dist. */
const FOLDERS = ['cli', 'config', 'demo', 'plugins', 'routes', 'services'];
/** Of the tests' own: a service that is broken on purpose. */
const PROGRAMS = ['test/helpers/comparison-off.ts', 'test/helpers/uncompared-service.ts'];

export interface BuiltServiceOptions extends ServiceOptions {
  /** Broken on purpose: uses entries whatever their generations are. */
  readonly isUncompared?: boolean;
  /** A text of the source in the place of another: what another version of dashcache would be. */
  readonly edit?: SourceEdit;
}

export interface SourceEdit {
  readonly path: string;
  readonly from: string;
  readonly to: string;
}

/**
 * The real process as people run it: compiled, by Node alone. Starting it by the compiler of the tests would cost each start
 * seconds, and dist may be older than the source.
 */
export function builtService({ isUncompared, edit, ...options }: BuiltServiceOptions): Promise<Service> {
  const program = isUncompared ? 'test/helpers/uncompared-service.js' : 'cli/dashcache.js';
  return startService({
    ...options,
    command: builtCommand(program, edit),
    environment: { NODE_OPTIONS: '', NODE_V8_COVERAGE: '', ...options.environment },
  });
}

/** The command `dashcache` as people run it, or another program of the same source. */
export function builtCommand(program = 'cli/dashcache.js', edit?: SourceEdit): [string, ...string[]] {
  return [process.execPath, join(compiled(edit), program)];
}

/** A folder with the source of now in JavaScript, made once for each state of it. */
function compiled(edit?: SourceEdit): string {
  const sources = sourcePaths().map((path) => ({ path, text: edited(path, edit) }));
  const hash = createHash('sha256').update(JSON.stringify(sources)).digest('hex').slice(0, 16);
  const folder = join(BUILT, hash);
  if (existsSync(folder)) return folder;
  const unfinished = join(BUILT, `${hash}.${randomUUID()}`);
  for (const { path, text } of sources) {
    const file = join(unfinished, path.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, toJavaScript(text));
  }
  try {
    renameSync(unfinished, folder);
  } catch {
    // Another test has made the same folder meanwhile.
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}

function edited(path: string, edit: SourceEdit | undefined): string {
  const text = readFileSync(join(ROOT, path), 'utf8');
  if (path !== edit?.path) return text;
  if (!text.includes(edit.from)) throw new Error(`${path} does not say ${edit.from}`);
  return text.replace(edit.from, edit.to);
}

function sourcePaths(): string[] {
  const within = (folder: string) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  const top = readdirSync(ROOT).filter((name) => name.endsWith('.ts'));
  return [...top, ...PROGRAMS, ...FOLDERS.flatMap(within)].filter((path) => path.endsWith('.ts')).sort();
}

function toJavaScript(text: string): string {
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2023,
    verbatimModuleSyntax: true,
  };
  return ts.transpileModule(text, { compilerOptions }).outputText;
}
