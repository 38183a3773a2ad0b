import { statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { type Optimization, optimizeFolder } from '../services/optimize/optimize-folder.js';
import { ParserMissing } from '../services/optimize/syntax.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';
import { optimizedLines } from './optimized-lines.js';
import type { Terminal } from './terminal.js';

interface OptimizeOptions {
  readonly path: string;
  readonly dryRun?: true;
  readonly json?: true;
}

export function optimizeCommand(terminal: Terminal): Command {
  return new Command('optimize')
    .description('Rewrite existence checks that are made by counting, in Python and TypeScript')
    .requiredOption('--path <folder>', 'folder of the source')
    .option('--dry-run', 'print what would be rewritten and change nothing')
    .option('--json', 'print what was found and done as JSON')
    .addHelpText(
      'after',
      `
Rewrites checks of Django, SQLAlchemy, Prisma and TypeORM, and prints them as a unified diff. What is not
safe is reported and left, and so is a line marked \`# OK\`. Ends with 1 where a file could not be read or parsed.

Examples:
  dashcache optimize --dry-run --path ./src
  dashcache optimize --path ./src`,
    )
    .action((options: OptimizeOptions) => optimize(options, terminal));
}

async function optimize({ path, dryRun, json }: OptimizeOptions, terminal: Terminal): Promise<void> {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new CommandFailure(`${path} is no folder`, EXIT.usage);
  const isDry = dryRun === true;
  const optimization = await optimized(path, isDry);
  if (json) terminal.out(JSON.stringify(jsonOf(optimization, isDry), null, 2));
  else for (const line of optimizedLines(optimization, { isDry, terminal })) terminal.out(line);
  if (optimization.failed.length > 0) throw new CommandFailure('', EXIT.findings);
}

async function optimized(folder: string, isDry: boolean): Promise<Optimization> {
  try {
    return await optimizeFolder({ folder: resolve(folder), isDry, nameOf: shownName });
  } catch (error) {
    if (error instanceof ParserMissing) throw new CommandFailure(error.message, EXIT.environment, error);
    throw error;
  }
}

/** As a person would type it from here, and as `git apply` takes it. */
function shownName(path: string): string {
  const shown = relative(process.cwd(), path);
  return shown.startsWith('..') || isAbsolute(shown) ? path : shown || join('.', path);
}

function jsonOf({ filesCount, files, failed }: Optimization, isDry: boolean): object {
  return {
    ok: failed.length === 0,
    dry_run: isDry,
    files: filesCount,
    rewritten: files.flatMap(({ path, rewrites }) => rewrites.map((rewrite) => ({ file: path, ...rewrite }))),
    reported: files.flatMap(({ path, left }) => left.map((check) => ({ file: path, ...check }))),
    failed: failed.map(({ path, reason }) => ({ file: path, reason })),
    diff: files.map(({ diff }) => diff).join(''),
  };
}
