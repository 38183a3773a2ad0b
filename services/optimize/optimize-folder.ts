import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Left, optimizeText, type Rewrite, Unparsable } from './optimize-text.js';
import { replaceFile } from './replace-file.js';
import { sourceFiles } from './source-files.js';
import { loadSyntax, type Syntax } from './syntax.js';
import { TypeOrmVersions } from './typescript/typeorm-version.js';
import { unifiedDiff } from './unified-diff.js';

/** A file in which something was found. */
export interface OptimizedFile {
  readonly path: string;
  readonly rewrites: readonly Rewrite[];
  readonly left: readonly Left[];
  /** Unified, '' where nothing is rewritten; the name in it is that of `nameOf`. */
  readonly diff: string;
}

export interface Optimization {
  /** How many files were read and parsed. */
  readonly filesCount: number;
  readonly files: readonly OptimizedFile[];
  /** What was skipped because it could not be read, parsed or written, and why. */
  readonly failed: readonly { readonly path: string; readonly reason: string }[];
}

export interface OptimizeOptions {
  readonly folder: string;
  /** Writes nothing. */
  readonly isDry: boolean;
  /** How a path is shown. */
  readonly nameOf: (path: string) => string;
}

/** Rewrites the existence checks below a folder, file by file. Rejects with ParserMissing before it touches anything. */
export async function optimizeFolder({ folder, isDry, nameOf }: OptimizeOptions): Promise<Optimization> {
  const syntax = await loadSyntax();
  const versions = new TypeOrmVersions();
  const files: OptimizedFile[] = [];
  const failed: { path: string; reason: string }[] = [];
  let filesCount = 0;
  for (const file of sourceFiles(folder)) {
    const path = nameOf(file.path);
    try {
      if ('error' in file) throw file.error;
      const optimized = await optimizeFile({ ...file, syntax, isDry, name: path, versions });
      filesCount++;
      if (optimized.rewrites.length + optimized.left.length > 0) files.push(optimized);
    } catch (error) {
      failed.push({ path, reason: reasonOf(error) });
    }
  }
  return { filesCount, files, failed };
}

async function optimizeFile({
  path,
  language,
  syntax,
  isDry,
  name,
  versions,
}: {
  readonly path: string;
  readonly language: 'python' | 'typescript' | 'tsx';
  readonly syntax: Syntax;
  readonly isDry: boolean;
  readonly name: string;
  readonly versions: TypeOrmVersions;
}): Promise<OptimizedFile> {
  const before = await readFile(path);
  const text = decoded(before);
  const tooOld = language === 'python' ? null : versions.tooOldIn(dirname(path));
  const { output, edits, rewrites, left } = optimizeText(text, { syntax, language, tooOld });
  if (edits.length > 0 && !isDry) await replaceFile(path, { before, after: Buffer.from(output) });
  return { path: name, rewrites, left, diff: unifiedDiff(name, text, edits) };
}

/** With its byte order mark, so that it is written again. */
function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Unparsable('it is not UTF-8');
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Unparsable || !(error instanceof Error))
    return error instanceof Error ? error.message : String(error);
  const code = 'code' in error ? String(error.code) : null;
  return code === 'EACCES' || code === 'EPERM' ? 'it may not be read or written' : error.message;
}
