import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { EventSchema } from '../events/events-schema.js';
import { EntriesSchema, ExplainedEntrySchema } from './entries-schema.js';

const instant = (description: string) => Type.String({ format: 'date-time', description });
const orNull = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

const StoryLineSchema = Type.Object({
  at: instant('When this process learned of it'),
  text: Type.String({ description: 'What happened, in words' }),
  event: Type.Union([EventSchema, Type.Null()], {
    description: 'As GET /cache/events tells it; null for what is known from the entry alone',
  }),
});
export type StoryLine = Static<typeof StoryLineSchema>;

const RefreshDueSchema = Type.Object({
  state: Type.Union([Type.Literal('none'), Type.Literal('waiting'), Type.Literal('running')]),
  reason: Type.String({ description: 'Which refresh comes next, and what brings it' }),
  stale_at: orNull(instant('When its ttl ends, or ended; null where nothing is stored')),
  contract_ends_at: orNull(instant('When max_staleness allows it no longer; null without')),
  warmed_at: orNull(instant('When the schedule of its dashboard comes next; null without one')),
});

/** One panel: what a read now would find, why, and how it came to that. */
export const PanelWhySchema = Type.Object({
  ...Type.Pick(ExplainedEntrySchema, ['panel', 'params', 'state', 'reason', 'found_in', 'age_ms', 'enabled'])
    .properties,
  answer: Type.Union([Type.Literal('hit'), Type.Literal('miss'), Type.Literal('bypass')], {
    description: 'What a read now would be',
  }),
  because: Type.String({ description: 'What made it so' }),
  refresh: RefreshDueSchema,
  story: Type.Array(StoryLineSchema, { description: 'The oldest first' }),
});
export type PanelWhy = Static<typeof PanelWhySchema>;

/** Body of GET /cache/why?url=. */
export const WhySchema = Type.Object({
  ...Type.Omit(EntriesSchema, ['entries']).properties,
  asked_at: instant('Now, by the clock of the service'),
  process: Type.Object(
    {
      pid: Type.Integer(),
      remembers_since: instant('What happened before is not in the story'),
    },
    { description: 'Who tells it. Loads of other processes are not in its story.' },
  ),
  panels: Type.Array(PanelWhySchema),
});
export type Why = Static<typeof WhySchema>;
