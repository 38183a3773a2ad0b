import type { DefinitionFault } from './definition-faults.js';
import type { Spot } from './yaml-file.js';

/** Collects faults, so that a check goes on after the first one. */
export class FaultList {
  readonly faults: DefinitionFault[] = [];

  add(spot: Spot, message: string, hint?: string | null): void {
    this.faults.push(hint == null ? { ...spot, message } : { ...spot, message, hint });
  }

  push(faults: Iterable<DefinitionFault>): void {
    this.faults.push(...faults);
  }
}

/** `did you mean "x"?`, or what else helps when nothing is near. */
export function didYouMean(near: string | null, otherwise?: string): string | undefined {
  return near === null ? otherwise : `did you mean "${near}"?`;
}
