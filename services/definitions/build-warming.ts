import { CRON_FIELDS, cronFaults, cronFields, nextCronMs } from './cron.js';
import { didYouMean, type FaultList } from './fault-list.js';
import type { Parameter, WarmingDefinition } from './model.js';
import { statementTextSpot } from './origins.js';
import { parameterValue } from './parameter-value.js';
import type { DashboardYaml } from './schema-dashboard.js';
import type { DashcacheYaml } from './schema-dashcache.js';
import type { SharedWarmingYaml } from './schema-warming.js';
import type { Partly, Path, Shape } from './shape.js';
import { suggest } from './suggest.js';
import { isTimezone, nearTimezone } from './timezone.js';

const NEVER = 'never';
const DEFAULT_OBSERVED_COUNT = 20;
/** Whether a schedule ever comes does not depend on when it is asked. */
const SOME_INSTANT_MS = Date.UTC(2026, 0, 1);
/** What cron offers beside five fields. */
const NICKNAMES: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

type Layer = Shape<DashboardYaml> | Shape<DashcacheYaml>;

interface Context {
  readonly shape: Shape<DashboardYaml>;
  readonly dashcache: Shape<DashcacheYaml>;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly faults: FaultList;
}

/** What is loaded of a dashboard before anyone asks; null where neither it nor dashcache.yaml says anything of it. */
export function buildWarming({ shape, dashcache, parameters, faults }: Context): WarmingDefinition | null {
  const own = shape.value?.warming;
  const shared = dashcache.value?.warming;
  checkSchedule(shape, own, faults);
  checkParams(shape, { parameters, faults });
  if (!own && !shared) return null;
  const keys = { ...shared, ...own };
  return {
    schedule: keys.schedule === NEVER ? null : (keys.schedule ?? null),
    timezone: keys.timezone ?? 'UTC',
    afterDeploy: keys.after_deploy ?? false,
    observedCount: keys.observed ?? DEFAULT_OBSERVED_COUNT,
    params: (own?.params ?? [{}]).map((params) => new Map(textsOf(params))),
  };
}

/** Of dashcache.yaml, which is read once for all dashboards. */
export function checkSharedWarming(dashcache: Shape<DashcacheYaml>, faults: FaultList): void {
  checkSchedule(dashcache, dashcache.value?.warming, faults);
}

function checkSchedule(shape: Layer, yaml: Partly<SharedWarmingYaml> | undefined, faults: FaultList): void {
  const { schedule, timezone } = yaml ?? {};
  if (timezone !== undefined && !isTimezone(timezone))
    faults.add(
      shape.valueSpot('warming', 'timezone'),
      `there is no time zone ${JSON.stringify(timezone)}`,
      didYouMean(nearTimezone(timezone), 'write an IANA name such as Europe/Berlin'),
    );
  if (schedule === undefined || schedule === NEVER) return;
  const fields = cronFields(schedule);
  if (fields.length !== CRON_FIELDS.length) {
    faults.add(shape.valueSpot('warming', 'schedule'), countFault(fields.length), countHint(schedule));
    return;
  }
  const faulty = cronFaults(schedule);
  for (const { field, text, offset } of faulty)
    faults.add(
      spotIn(shape, ['warming', 'schedule'], { offset, widthCount: text.length }),
      `${JSON.stringify(text)} is no ${field}`,
      HINTS[field],
    );
  if (faulty.length === 0 && nextCronMs({ schedule, timezone: 'UTC' }, SOME_INSTANT_MS) === null)
    faults.add(
      shape.valueSpot('warming', 'schedule'),
      'this schedule never comes: there is no such day',
      'the third field is the day of the month, the fourth the month',
    );
}

const HINTS: Readonly<Record<(typeof CRON_FIELDS)[number], string>> = {
  minute: '0 to 59, a list 0,30, a range 0-29, or */15 for every 15 minutes',
  hour: '0 to 23, a list 6,18, a range 8-18, or */2 for every second hour',
  'day of the month': '1 to 31, L for the last, or * for every day',
  month: '1 to 12, JAN to DEC, or * for every month',
  'day of the week': '0 (Sunday) to 6, MON to SUN, a range 1-5, or * for every day',
};

function countFault(count: number): string {
  return `"schedule" has ${count} field${count === 1 ? '' : 's'}, and cron writes ${CRON_FIELDS.length}: ${CRON_FIELDS.join(', ')}`;
}

function countHint(schedule: string): string {
  const meant = NICKNAMES[schedule.toLowerCase()];
  if (meant !== undefined) return `did you mean "${meant}"?`;
  if (/^never$/i.test(schedule)) return `did you mean "${NEVER}"?`;
  const fields = cronFields(schedule).map(({ text }) => text);
  if (fields.length === CRON_FIELDS.length + 1)
    return `there are no seconds: did you mean "${fields.slice(1).join(' ')}"?`;
  return 'such as 30 6 * * 1-5: at half past six from Monday to Friday';
}

function checkParams(
  shape: Shape<DashboardYaml>,
  { parameters, faults }: Pick<Context, 'parameters' | 'faults'>,
): void {
  for (const [index, params] of (shape.value?.warming?.params ?? []).entries())
    for (const [name, text] of textsOf(params)) {
      const at = ['warming', 'params', index, name] as const;
      const parameter = parameters.get(name);
      if (!parameter) {
        const names = [...parameters.keys()];
        const known = names.length === 0 ? 'this dashboard has none' : `known: ${names.join(', ')}`;
        faults.add(
          shape.keySpot(...at),
          `there is no parameter "${name}"`,
          didYouMean(suggest(name, names), known),
        );
        continue;
      }
      const value = parameterValue(parameter, text, SOME_INSTANT_MS);
      if ('fault' in value) faults.add(shape.valueSpot(...at), `"${name}" ${value.fault}`);
    }
}

function textsOf(params: Partly<Record<string, string | number | boolean>> | undefined): [string, string][] {
  return Object.entries(params ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
}

function spotIn(shape: Layer, path: Path, { offset, widthCount }: { offset: number; widthCount: number }) {
  const node = shape.valueNode(...path);
  return node ? statementTextSpot({ file: shape.file, node }, offset, widthCount) : shape.valueSpot(...path);
}
