import { randomBytes } from 'node:crypto';
import { access, constants, lstat, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Puts new bytes in the place of a file's, or leaves it whole: they are written beside it and take its name at once, with its mode.
 * Rejects where the file is no longer what was read.
 */
export async function replaceFile(
  path: string,
  { before, after }: { before: Buffer; after: Buffer },
): Promise<void> {
  const { mode } = await lstat(path);
  // A rename would not ask whether the file may be written.
  await access(path, constants.W_OK);
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(beside, 'wx', mode);
    try {
      await file.writeFile(after);
      // The umask has had its say on the mode that it was opened with.
      await file.chmod(mode & 0o7777);
      await file.sync();
    } finally {
      await file.close();
    }
    const isLink = (await lstat(path)).isSymbolicLink();
    if (isLink || !(await readFile(path)).equals(before)) throw new Error('it was changed meanwhile');
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
