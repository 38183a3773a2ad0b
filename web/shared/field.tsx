import type { ComponentChildren } from 'preact';

/** A control with its title. */
export function Field({
  title,
  hint,
  children,
}: {
  title: string;
  hint?: string;
  children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label class="field">
      <span>
        {title}
        {hint && <span class="quiet"> ({hint})</span>}
      </span>
      {children}
    </label>
  );
}
