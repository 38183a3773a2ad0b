/** How many rows the demo database has. Attendance follows from people and days. */
export interface OperationsSize {
  readonly sitesCount: number;
  readonly peopleCount: number;
  readonly tasksCount: number;
  readonly workOrdersCount: number;
}

/** The full demo at `scale` 1; smaller ones keep the proportions, with at least a few sites and people for each. */
export function operationsSize(scale = 1): OperationsSize {
  const sitesCount = Math.max(8, Math.round(200 * scale));
  return {
    sitesCount,
    peopleCount: Math.max(12 * sitesCount, Math.round(5_000 * scale)),
    tasksCount: Math.round(1_000_000 * scale),
    workOrdersCount: Math.round(200_000 * scale),
  };
}
