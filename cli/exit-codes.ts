/**
 * How a command ends: fine, something was found, it was called wrongly, or its surroundings do not allow it.
 * Who is interrupted ends as shells have it: 128 and the number of SIGINT.
 */
export const EXIT = { fine: 0, findings: 1, usage: 2, environment: 3, interrupted: 130 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
