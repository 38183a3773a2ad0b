import { DashcacheError, type Fault } from '../../errors.js';
import type { Dashboard, Panel, Parameter, ResolvedParameter, ResolvedParameters } from './model.js';
import { parameterAccepts } from './parameter-accepts.js';
import { nullValue, parameterValue } from './parameter-value.js';
import { readQueryString } from './query-string.js';
import { suggest } from './suggest.js';

export interface ParametersAsked {
  readonly dashboard: Dashboard;
  /** The panels that will be read: only what they bind is required and returned. */
  readonly panels: readonly Panel[];
  readonly nowMs: number;
  /** What stands for one that is bound and left out, before its default; undefined: nothing. */
  readonly leftOutText?: (parameter: Parameter) => string | undefined;
}

/**
 * The parameters of a raw query string (without its question mark), in the order in which the dashboard declares them.
 * Throws DashcacheError parameters_invalid with every fault.
 */
export function resolveParameters(
  asked: ParametersAsked & { readonly rawQuery: string },
): ResolvedParameters {
  const { values, faults } = readQueryString(asked.rawQuery);
  return resolve(asked, values, faults);
}

/** The same for names and values that are decoded already. */
export function resolveParameterTexts(
  asked: ParametersAsked & { readonly texts: ReadonlyMap<string, string> },
): ResolvedParameters {
  return resolve(asked, asked.texts, []);
}

function resolve(
  { dashboard, panels, nowMs, leftOutText }: ParametersAsked,
  texts: ReadonlyMap<string, string>,
  readFaults: readonly Fault[],
): ResolvedParameters {
  const faults = [...readFaults];
  const faulty = new Set(readFaults.map((fault) => fault.parameter));
  const resolved = new Map<string, ResolvedParameter>();

  for (const name of texts.keys())
    if (!dashboard.parameters.has(name) && !faulty.has(name)) faults.push(unknown(name, dashboard));
  for (const parameter of dashboard.parameters.values()) {
    const { name } = parameter;
    const given = texts.get(name);
    const isBound = isBoundBy(panels, name);
    if (faulty.has(name) || (given === undefined && !isBound)) continue;
    const text = given ?? leftOutText?.(parameter);
    const value = text === undefined ? leftOut(parameter, nowMs) : parameterValue(parameter, text, nowMs);
    if ('fault' in value) faults.push({ detail: `${name} ${value.fault}`, parameter: name });
    else if (isDots(value.canonical) && panels.some((panel) => namesInPaths(panel).includes(name)))
      faults.push({
        detail: `${name} cannot be ${value.canonical}: it is part of an address`,
        parameter: name,
      });
    else if (isBound) resolved.set(name, value);
  }
  if (faults.length > 0)
    throw new DashcacheError('parameters_invalid', { detail: summary(faults), errors: faults });
  return resolved;
}

/** Loops: every request that is not known comes here, and most panels bind two or three. */
function isBoundBy(panels: readonly Panel[], wanted: string): boolean {
  for (const { parameters } of panels) for (const { name } of parameters) if (name === wanted) return true;
  return false;
}

function isDots(canonical: string | null): boolean {
  return canonical === '.' || canonical === '..';
}

/** Whose values are segments of a path: there . and .. would lead to another address. */
function namesInPaths({ queries }: Panel): string[] {
  const parts = queries.flatMap(({ statement }) => statement.request?.path ?? []);
  return parts.flatMap((part) => ('bind' in part ? [part.bind] : []));
}

function leftOut(parameter: Parameter, nowMs: number): ResolvedParameter | { fault: string } {
  if (parameter.defaultText !== null) return parameterValue(parameter, parameter.defaultText, nowMs);
  return parameter.optional ? nullValue(parameter) : { fault: `is required: ${parameterAccepts(parameter)}` };
}

function unknown(name: string, dashboard: Dashboard): Fault {
  const names = [...dashboard.parameters.keys()];
  const shown = name.length > 64 ? `${name.slice(0, 64)}…` : name;
  if (name.endsWith('[]') && dashboard.parameters.has(name.slice(0, -2)))
    return {
      detail: `${shown} is unknown: ${name.slice(0, -2)} takes one value, not a list`,
      parameter: name,
    };
  const near = suggest(name, names);
  const hint =
    near !== null
      ? `did you mean ${near}?`
      : names.length > 0
        ? `known are ${names.join(', ')}`
        : 'this dashboard has none';
  return { detail: `There is no parameter ${shown}: ${hint}`, parameter: name };
}

function summary(faults: readonly Fault[]): string {
  const [first] = faults;
  return faults.length === 1 && first ? first.detail : `${faults.length} parameters are not valid`;
}
