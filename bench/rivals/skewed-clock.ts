// Imported before all else (`--import`): the process lives on a host whose wall clock is wrong. Monotonic time is right.
const offsetMs = Number(process.env['RIVALS_CLOCK_OFFSET_MS'] ?? 0);
const RightDate = Date;

class SkewedDate extends RightDate {
  constructor(...parts: [] | [value: string | number | Date]) {
    if (parts.length === 0) super(SkewedDate.now());
    else super(...(parts as [value: string | number | Date]));
  }
  static override now(): number {
    return RightDate.now() + offsetMs;
  }
}

if (offsetMs !== 0) globalThis.Date = SkewedDate as DateConstructor;

export {};
