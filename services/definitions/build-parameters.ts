import { ALIGN_ACCEPTS, parseAlignment } from './alignment.js';
import { didYouMean, type FaultList } from './fault-list.js';
import type { Parameter, Statement } from './model.js';
import { rememberSpot } from './origins.js';
import { bindTypes, parameterValue } from './parameter-value.js';
import { checkPatterns } from './pattern-safety.js';
import { parseLength } from './period.js';
import { readStatement } from './read-statement.js';
import { readable } from './readable.js';
import type { DashboardYaml } from './schema-dashboard.js';
import type { ParameterYaml } from './schema-parameters.js';
import type { Partly, Shape } from './shape.js';
import { parseStatement } from './statement.js';
import { isTimezone, nearTimezone } from './timezone.js';

/** Defaults are held against their own parameter at some instant: which one does not matter. */
const SOME_INSTANT_MS = Date.UTC(2026, 0, 1);
const DEFAULT_MAX_LENGTH_COUNT = 1000;
const DEFAULT_ALIGN = '1h';

interface Context {
  readonly shape: Shape<DashboardYaml>;
  readonly faults: FaultList;
}

/** The declared parameters of a dashboard, in their order; those with faults too, as far as they go. */
export async function buildParameters(
  shape: Shape<DashboardYaml>,
  faults: FaultList,
): Promise<ReadonlyMap<string, Parameter>> {
  const context = { shape, faults };
  const declared = Object.entries(shape.value?.params ?? {}) as [string, Partly<ParameterYaml> | undefined][];
  const parameters = new Map<string, Parameter>();
  for (const [name, yaml] of declared) {
    const parameter = yaml && buildParameter(name, yaml, context);
    if (!parameter) continue;
    parameters.set(name, parameter);
    checkParameter(parameter, yaml, context);
  }
  checkTogether([...parameters.values()], context);
  await checkPatternSafety([...parameters.values()], context);
  return parameters;
}

function buildParameter(
  name: string,
  yaml: Partly<ParameterYaml>,
  { shape, faults }: Context,
): Parameter | null {
  const at = ['params', name];
  const base = {
    name,
    title: yaml.title ?? readable(name),
    tenant: yaml.tenant === true,
    optional: yaml.optional === true,
    options: yaml.options === undefined ? null : readOptions(name, { shape, faults }),
    defaultText: yaml.default === undefined ? null : String(yaml.default),
    place: shape.keySpot(...at).place,
  };
  const parameter = withType(base, yaml, { shape, faults });
  if (parameter) rememberSpot(parameter, () => shape.keySpot(...at));
  return parameter;
}

type Base = Omit<Extract<Parameter, { type: 'boolean' | 'date' | 'timestamp' }>, 'type'>;

function withType(base: Base, yaml: Partly<ParameterYaml>, context: Context): Parameter | null {
  const { type } = yaml;
  switch (type) {
    case 'integer':
    case 'number': {
      const { minimum = null, maximum } = yaml;
      return { ...base, type, minimum, maximum: typeof maximum === 'number' ? maximum : null };
    }
    case 'string':
      return {
        ...base,
        type,
        enum: yaml.enum ?? null,
        pattern: readPattern(base.name, yaml.pattern, context),
        maxLengthCount: yaml.max_length ?? DEFAULT_MAX_LENGTH_COUNT,
      };
    case 'period': {
      const maximum = typeof yaml.maximum === 'string' ? yaml.maximum : null;
      return { ...base, type, maximum, align: yaml.align ?? DEFAULT_ALIGN, timezone: yaml.timezone ?? 'UTC' };
    }
    case undefined:
      return null;
    default:
      return { ...base, type };
  }
}

function readOptions(name: string, { shape, faults }: Context): Statement | null {
  const node = shape.valueNode('params', name, 'options');
  return node && readStatement({ file: shape.file, node }, faults, parseStatement);
}

function readPattern(name: string, pattern: string | undefined, { shape, faults }: Context): RegExp | null {
  if (pattern === undefined) return null;
  try {
    return new RegExp(pattern, 'u');
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*\/u: /, '') : String(error);
    faults.add(shape.valueSpot('params', name, 'pattern'), `this is no regular expression: ${reason}`);
    return null;
  }
}

function checkParameter(parameter: Parameter, yaml: Partly<ParameterYaml>, { shape, faults }: Context): void {
  const at = ['params', parameter.name];
  const told = faults.faults.length;
  if (/^[0-9]+$/.test(parameter.name))
    faults.add(shape.keySpot(...at), `"${parameter.name}" has no letter, so no query can bind it`);
  if (parameter.type === 'period') checkPeriod(parameter, { shape, faults });
  if ((parameter.type === 'integer' || parameter.type === 'number') && parameter.minimum !== null)
    if (parameter.maximum !== null && parameter.minimum > parameter.maximum)
      faults.add(
        shape.valueSpot(...at, 'minimum'),
        `the minimum ${parameter.minimum} is above the maximum ${parameter.maximum}`,
      );
  if (parameter.tenant && parameter.optional)
    faults.add(shape.keySpot(...at, 'optional'), 'the tenant can never be left out');
  if (parameter.tenant && shape.has(...at, 'default'))
    faults.add(
      shape.keySpot(...at, 'default'),
      'the tenant has no default: a reader must say whose data is meant',
    );
  else if (parameter.optional && shape.has(...at, 'default'))
    faults.add(
      shape.keySpot(...at, 'optional'),
      'with a default it is never NULL',
      'leave out "optional" or "default"',
    );
  checkChoices(parameter, { shape, faults });
  // Held against rules that are wrong themselves, a default proves nothing.
  if (faults.faults.length === told && yaml.default !== undefined) checkDefault(parameter, { shape, faults });
}

function checkPeriod(parameter: Extract<Parameter, { type: 'period' }>, { shape, faults }: Context): void {
  const at = ['params', parameter.name];
  if (!parseAlignment(parameter.align))
    faults.add(
      shape.valueSpot(...at, 'align'),
      `"align" cannot be ${JSON.stringify(parameter.align)}`,
      `accepted are ${ALIGN_ACCEPTS}`,
    );
  if (parameter.maximum !== null && !parseLength(parameter.maximum))
    faults.add(
      shape.valueSpot(...at, 'maximum'),
      `"maximum" cannot be ${JSON.stringify(parameter.maximum)}`,
      'write a length such as 24h, 30d, 8w or 3mo',
    );
  if (!isTimezone(parameter.timezone))
    faults.add(
      shape.valueSpot(...at, 'timezone'),
      `there is no time zone ${JSON.stringify(parameter.timezone)}`,
      didYouMean(nearTimezone(parameter.timezone), 'write an IANA name such as Europe/Berlin'),
    );
}

function checkChoices(parameter: Parameter, { shape, faults }: Context): void {
  if (parameter.type !== 'string' || !parameter.enum) return;
  const seen = new Set<string>();
  for (const [index, choice] of parameter.enum.entries()) {
    const spot = shape.valueSpot('params', parameter.name, 'enum', index);
    if (seen.has(choice)) faults.add(spot, `${JSON.stringify(choice)} is written twice`);
    else if ('fault' in parameterValue(parameter, choice, SOME_INSTANT_MS))
      faults.add(spot, `${JSON.stringify(choice)} does not keep to "pattern" and "max_length"`);
    seen.add(choice);
  }
}

function checkDefault(parameter: Parameter, { shape, faults }: Context): void {
  const value = parameterValue(parameter, parameter.defaultText ?? '', SOME_INSTANT_MS);
  if ('fault' in value)
    faults.add(
      shape.valueSpot('params', parameter.name, 'default'),
      `the default of "${parameter.name}" ${value.fault}`,
    );
}

function checkTogether(parameters: readonly Parameter[], { shape, faults }: Context): void {
  const [tenant, ...more] = parameters.filter((parameter) => parameter.tenant);
  for (const other of more)
    faults.add(
      shape.keySpot('params', other.name, 'tenant'),
      `a dashboard has one tenant parameter, and "${tenant?.name}" is it already`,
    );
  const bound = new Map<string, Parameter>();
  for (const parameter of [...parameters].sort(periodsFirst))
    for (const name of bindTypes(parameter).keys()) {
      const other = bound.get(name);
      if (other)
        faults.add(
          shape.keySpot('params', parameter.name),
          `:${name} would be bound twice: the period "${other.name}" binds it too`,
          'rename one of them',
        );
      else bound.set(name, parameter);
    }
}

function periodsFirst(a: Parameter, b: Parameter): number {
  return Number(b.type === 'period') - Number(a.type === 'period');
}

async function checkPatternSafety(
  parameters: readonly Parameter[],
  { shape, faults }: Context,
): Promise<void> {
  const patterns = parameters.flatMap((parameter) =>
    parameter.type === 'string' && parameter.pattern
      ? [{ name: parameter.name, source: parameter.pattern.source }]
      : [],
  );
  const verdicts = await checkPatterns(patterns.map(({ source }) => source));
  for (const [index, { name }] of patterns.entries()) {
    const verdict = verdicts[index];
    if (verdict && !verdict.safe)
      faults.add(
        shape.valueSpot('params', name, 'pattern'),
        `this pattern can backtrack catastrophically: ${verdict.reason}`,
        'avoid a repetition inside a repetition, and alternatives that match the same text',
      );
  }
}
