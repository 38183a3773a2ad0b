import type { ComponentChildren } from 'preact';

export interface PlainTableProps {
  readonly label: string;
  readonly heads: readonly string[];
  /** Taller than the screen: scrolls in its own box. */
  readonly isLong?: boolean;
  /** The rows. */
  readonly children: ComponentChildren;
}

/** A table in the order it is given. */
export function PlainTable({ label, heads, isLong = false, children }: PlainTableProps) {
  return (
    <ScrollBox label={label} isLong={isLong}>
      <table>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </ScrollBox>
  );
}

/** What is wider than the page scrolls by itself, by keyboard too. */
export function ScrollBox(given: { label: string; isLong?: boolean; children: ComponentChildren }) {
  const { label, isLong, children } = given;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class={isLong ? 'scroll latest' : 'scroll'} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
