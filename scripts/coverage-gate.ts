import ts from 'typescript';

export interface Covered {
  readonly total: number;
  readonly covered: number;
}

export interface FileCoverage {
  /** Path inside the project. */
  readonly path: string;
  readonly lines: Covered;
  readonly branches: Covered;
}

export interface FolderCoverage {
  readonly folder: string;
  readonly linesPercent: number;
  readonly branchesPercent: number;
}

const LINES_AT_LEAST = 95;
const BRANCHES_AT_LEAST = 90;

/** The folders whose coverage is held to a bound. */
export const GATED_FOLDERS = ['services', 'plugins'] as const;

/** The figures of one folder with all below it. */
export function coverageOf(folder: string, files: readonly FileCoverage[]): FolderCoverage {
  const inside = files.filter(({ path }) => path.startsWith(`${folder}/`));
  return {
    folder,
    linesPercent: percent(inside.map((file) => file.lines)),
    branchesPercent: percent(inside.map((file) => file.branches)),
  };
}

export function belowBound({ linesPercent, branchesPercent }: FolderCoverage): boolean {
  return linesPercent < LINES_AT_LEAST || branchesPercent < BRANCHES_AT_LEAST;
}

/** A file that no test ever loads is in no report: all its lines count as missed, unless it only declares types. */
export function neverLoaded(path: string, text: string): FileCoverage | null {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, removeComments: true },
  });
  const lines = outputText.split('\n').filter((line) => line.trim() !== '' && line.trim() !== 'export {};');
  if (lines.length === 0) return null;
  return { path, lines: { total: lines.length, covered: 0 }, branches: { total: 1, covered: 0 } };
}

/** Rounded down: a bound is reached only when it really is. */
function percent(parts: readonly Covered[]): number {
  const total = parts.reduce((sum, part) => sum + part.total, 0);
  const covered = parts.reduce((sum, part) => sum + part.covered, 0);
  return total === 0 ? 0 : Math.floor((10_000 * covered) / total) / 100;
}
