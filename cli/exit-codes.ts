/** How a command ends: fine, something was found, it was called wrongly, or its surroundings do not allow it. */
export const EXIT = { fine: 0, findings: 1, usage: 2, environment: 3 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
