import { type Box, type Section, seenBox } from './checklist.js';
import { FIGURE_TITLES, figureText, targetText } from './figure-text.js';
import type { ReportedPeriod, SuccessReport, SuccessRow } from './success-report.js';

/** The daily checks of the first week; days to come, and days without traffic, stay open. */
export function weekOneSection({ periods, table }: SuccessReport): Section {
  const days = periods.filter(({ kind }) => kind === 'day');
  return {
    title: 'Week one, each day',
    boxes: days.flatMap((day, at) => [
      ...table.filter(({ name }) => name !== 'source_queries').map((row) => dayBox(row, day, days[at - 1])),
      errorsBox(day),
      cacheErrorsBox(day),
    ]),
  };
}

function dayBox(row: SuccessRow, day: ReportedPeriod, before: ReportedPeriod | undefined): Box {
  const actual = day.actual[row.name];
  const earlier = before?.actual[row.name] ?? null;
  const compared = earlier === null ? '' : `, the day before: ${figureText(row.unit, earlier)}`;
  return seenBox(`${day.first_day}: ${FIGURE_TITLES[row.name]} ${targetText(row)}`, 'dashcache report', {
    isSo: actual === null ? null : !day.missed.includes(row.name),
    evidence: actual === null ? null : `${figureText(row.unit, actual)}${compared}`,
  });
}

function errorsBox({ first_day, requests, errors }: ReportedPeriod): Box {
  return seenBox(`${first_day}: no read failed`, 'dashcache report', {
    isSo: requests === 0 ? null : errors === 0,
    evidence: requests === 0 ? null : `${errors} of ${requests} reads`,
  });
}

function cacheErrorsBox({ first_day, minutes, cache_errors }: ReportedPeriod): Box {
  return seenBox(`${first_day}: no cache errors`, 'dashcache report', {
    isSo: minutes === 0 ? null : cache_errors === 0,
    evidence: minutes === 0 ? null : `${cache_errors} in ${minutes} minutes`,
  });
}
