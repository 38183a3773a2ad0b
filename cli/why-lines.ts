import type { PanelWhy, Why } from '../services/explain/why-schema.js';
import { colorOfState, foundIn } from './explain-words.js';
import { readableDuration, readableMoment } from './readable-figures.js';
import type { Terminal } from './terminal.js';

const LABEL_WIDTH = 9;

/** Each panel with its story, the oldest first, and who tells it. */
export function whyLines(
  { panels, dashboard, tenant, asked_at, ...told }: Why,
  colors: Terminal['colors'],
): string[] {
  const whose = tenant === null ? dashboard : `${dashboard}, tenant ${tenant}`;
  if (panels.length === 0) return [`${whose}: no panel is read at this address`];
  const nowMs = Date.parse(asked_at);
  const { pid, remembers_since } = told.process;
  return [
    ...panels.flatMap((panel) => [
      colors.bold(`${panel.panel} of ${whose}`),
      ...panelLines(panel, { nowMs, colors }),
      '',
    ]),
    colors.dim(
      `Told by process ${pid}, which remembers the last ${readableDuration(nowMs - Date.parse(remembers_since))}. Loads of other processes are not in it.`,
    ),
  ];
}

function panelLines(
  panel: PanelWhy,
  { nowMs, colors }: { readonly nowMs: number; readonly colors: Terminal['colors'] },
): string[] {
  const { refresh, story } = panel;
  const { contract_ends_at, warmed_at } = refresh;
  return [
    labelled('a read', answerText(panel, colors)),
    labelled('because', panel.because),
    labelled('refresh', refresh.reason),
    ...(contract_ends_at === null ? [] : [labelled('contract', endText(contract_ends_at, nowMs))]),
    ...(warmed_at === null ? [] : [labelled('warmed', `${moment(warmed_at, nowMs)}, by the schedule`)]),
    labelled('story', story.length === 0 ? 'nothing is remembered' : ''),
    ...story.map(({ at, text }) => `    ${at}  ${text}, ${moment(at, nowMs)}`),
  ];
}

function answerText(panel: PanelWhy, colors: Terminal['colors']): string {
  if (panel.answer === 'bypass') return colors.yellow('asks the source: the cache is switched off');
  if (panel.answer === 'miss') return `${colors.red('misses')}: it is ${panel.state}`;
  return `${colors.green('hits')} ${foundIn(panel)}: it is ${colorOfState(panel.state, colors)}`;
}

function endText(instant: string, nowMs: number): string {
  const isOver = Date.parse(instant) <= nowMs;
  return `max_staleness ${isOver ? 'ended' : 'ends'} ${moment(instant, nowMs)}`;
}

function moment(instant: string, nowMs: number): string {
  return readableMoment(Date.parse(instant) - nowMs);
}

function labelled(label: string, text: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)}  ${text}`.trimEnd();
}
