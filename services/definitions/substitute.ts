import { suggest } from './suggest.js';

/** What ${NAME} may name: the environment and the settings with their defaults. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface SubstitutionFault {
  /** Where in the text, and how many characters. */
  readonly index: number;
  readonly lengthCount: number;
  readonly message: string;
  readonly hint: string;
}

/** Replaces every ${NAME}; an empty variable counts as unset, as it does in the settings. */
export function substitute(
  text: string,
  environment: Environment,
): { text: string; faults: SubstitutionFault[] } {
  const faults: SubstitutionFault[] = [];
  const replaced = text.replace(
    /\$\{([^}]*)(\}?)/g,
    (whole: string, name: string, end: string, index: number) => {
      const fault = (message: string, hint: string): string => {
        faults.push({ index, lengthCount: whole.length, message, hint });
        return whole;
      };
      if (end === '') return fault('this ${ is never closed', `write \${NAME}`);
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
        return fault(`\${${name}} does not name a variable`, `write \${NAME} with letters, digits and _`);
      const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
      if (value) return value;
      const near = suggest(name, Object.keys(environment));
      return fault(
        `${name} is not set in the environment`,
        near === null || near === name ? `set ${name} before the start` : `did you mean \${${near}}?`,
      );
    },
  );
  return { text: replaced, faults };
}
