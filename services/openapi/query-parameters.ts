import type { Dashboard, Parameter as Declared, Panel } from '../definitions/model.js';
import { parameterAccepts } from '../definitions/parameter-accepts.js';
import { isRequired, parameterSchema } from '../definitions/parameter-schema.js';
import { type Example, type Parameter, type Reference, ref } from './document.js';
import { sampleOf } from './sample.js';

/** Query parameters of the address of some panels: all that the dashboard declares; only what they bind can be required. */
export function queryParameters(dashboard: Dashboard, panels: readonly Panel[]): Reference[] {
  const bound = new Set(panels.flatMap(({ parameters }) => parameters.map(({ name }) => name)));
  return [...dashboard.parameters.values()].map((parameter) =>
    ref('parameters', nameOf(dashboard, parameter, bound.has(parameter.name))),
  );
}

/** The components that queryParameters refers to. */
export function queryParameterComponents(dashboard: Dashboard): [string, Parameter][] {
  return [...dashboard.parameters.values()].flatMap((parameter) => {
    const described = describe(parameter);
    return [true, false].map((isBound): [string, Parameter] => [
      nameOf(dashboard, parameter, isBound),
      { ...described, required: isBound && isRequired(parameter) },
    ]);
  });
}

function nameOf({ id }: Dashboard, parameter: Declared, isBound: boolean): string {
  const name = `dashboard.${id}.${parameter.name}`;
  return isBound || !isRequired(parameter) ? name : `${name}.unused`;
}

function describe(parameter: Declared): Parameter {
  // What the title repeats is left out of the schema: it is the first word of the description.
  const { title: _title, ...schema } = parameterSchema(parameter);
  return {
    name: parameter.name,
    in: 'query',
    description: `${parameter.title}: ${parameterAccepts(parameter)}.${notesOf(parameter)}`,
    style: 'form',
    explode: true,
    schema: { ...schema, ...(schema['type'] === 'string' && { minLength: 1 }) },
    ...examplesOf(parameter),
  };
}

function notesOf(parameter: Declared): string {
  const notes = [];
  if (parameter.tenant) notes.push('Says whose data is wanted.');
  if (parameter.options) notes.push('Its choices have an address of their own.');
  if (parameter.type === 'period') {
    const { align, timezone, maximum } = parameter;
    notes.push(`A relative period ends at the next boundary of ${align} in ${timezone}.`);
    if (maximum !== null) notes.push(`At most ${maximum}.`);
  }
  return notes.map((note) => ` ${note}`).join('');
}

const PERIODS: Readonly<Record<string, Example>> = {
  relative: { summary: 'So long, until the next boundary', value: '7d' },
  explicit: { summary: 'From one instant until before another', value: '2026-01-01/2026-02-01' },
};

function examplesOf(parameter: Declared): Pick<Parameter, 'example' | 'examples'> {
  if (parameter.type === 'period') {
    const { defaultText } = parameter;
    return {
      examples: {
        ...(defaultText !== null && { default: { summary: 'The default', value: defaultText } }),
        ...PERIODS,
      },
    };
  }
  const example = sampleOf(parameterSchema(parameter), {});
  return example === undefined ? {} : { example };
}
