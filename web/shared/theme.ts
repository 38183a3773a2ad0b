/** Light or dark, or as the system is. */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'dashcache-theme';
const CHANGED = 'dashcache-theme-changed';

/** What was chosen in this browser before. */
export function chosenTheme(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  } catch {
    // A browser that keeps nothing.
    return 'system';
  }
}

/** Shows the page in it, and keeps it for the next time. */
export function chooseTheme(theme: Theme): void {
  try {
    if (theme === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Then it is for this page alone.
  }
  showTheme(theme);
}

export function showTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  dispatchEvent(new Event(CHANGED));
}

/** Calls back when the colours of the page are others. Gives what ends that. */
export function onThemeChange(listener: () => void): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', listener);
  addEventListener(CHANGED, listener);
  return () => {
    dark.removeEventListener('change', listener);
    removeEventListener(CHANGED, listener);
  };
}

/** Colours of the styles as they are now: a canvas cannot read variables. */
export function coloursOf<const N extends string>(names: readonly N[]): Record<N, string> {
  const probe = document.createElement('span');
  document.body.append(probe);
  const read = names.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color] as const;
  });
  probe.remove();
  return Object.fromEntries(read) as Record<N, string>;
}
