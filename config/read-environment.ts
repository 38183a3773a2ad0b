import { readFileSync } from 'node:fs';

export type Environment = Readonly<Record<string, string | undefined>>;

/** One thing that is wrong with the settings. */
export interface ConfigFault {
  readonly variable: string;
  readonly message: string;
}

/** The text of one variable, or of the file that its _FILE twin names. An empty value counts as unset: null. */
export function readVariable(
  environment: Environment,
  variable: string,
  secret: boolean,
): { text: string | null } | { fault: ConfigFault } {
  const text = environment[variable] || null;
  const fileVariable = `${variable}_FILE`;
  const file = (secret && environment[fileVariable]) || null;
  if (file === null) return { text };
  if (text !== null) {
    return { fault: { variable, message: `${variable} and ${fileVariable} are both set; keep one of them` } };
  }
  return readSecretFile(fileVariable, file);
}

function readSecretFile(variable: string, file: string): { text: string } | { fault: ConfigFault } {
  try {
    // Editors and `echo` end a file with a line break that is no part of the secret.
    const text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    if (text !== '') return { text };
    return { fault: { variable, message: `${variable} names ${file}, which is empty` } };
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    return { fault: { variable, message: `${variable} names ${file}, which cannot be read (${reason})` } };
  }
}
