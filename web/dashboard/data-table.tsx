import { formatLabel, formatValue } from './format-value.js';
import type { Rows } from './rows.js';

/** The figures of a chart, or a panel that is a table. It can be scrolled by the keyboard. */
export function DataTable({ title, rows: { titles, styles, cells } }: { title: string; rows: Rows }) {
  const isNumber = (i: number) => cells.some((line) => typeof line[i] === 'number');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <section class="scroll rows" tabIndex={0} aria-label={`${title}, as a table`}>
      <table>
        <thead>
          <tr>
            {titles.map((text, i) => (
              <th key={text} scope="col" class={i > 0 && isNumber(i) ? 'number' : ''}>
                {text === '' ? <span class="unseen">Label</span> : text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cells.map((line) => (
            <tr key={JSON.stringify(line)}>
              {line.map((cell, i) =>
                i === 0 ? (
                  <th key={titles[i]} scope="row">
                    {formatLabel(cell)}
                  </th>
                ) : (
                  <td key={titles[i]} class={isNumber(i) ? 'number' : ''}>
                    {formatValue(cell, styles[i])}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
