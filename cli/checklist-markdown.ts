import type { Box, Section } from '../services/report/checklist.js';

/** The checklist as Markdown; what a person has to tick says so by having no evidence. */
export function checklistMarkdown(sections: readonly Section[], since: string): string[] {
  return [
    `# Roll-out of dashcache, since ${since}`,
    '',
    'Ticked is what `dashcache report --checklist` has seen itself; its evidence stands behind it.',
    ...sections.flatMap(({ title, boxes }) => ['', `## ${title}`, '', ...boxes.map(boxLine)]),
  ];
}

function boxLine({ line, command, state, evidence }: Box): string {
  const how = command === null ? '' : ` (\`${command}\`)`;
  const missed = state === 'missed' ? '**missed** ' : '';
  const told = evidence === null ? '' : `: ${missed}${evidence}`;
  return `- [${state === 'done' ? 'x' : ' '}] ${line}${how}${told}`;
}
