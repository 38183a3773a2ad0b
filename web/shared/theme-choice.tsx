import { useState } from 'preact/hooks';
import { chooseTheme, chosenTheme, type Theme } from './theme.js';

/** Light, dark, or as the system is. */
export function ThemeChoice() {
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <select
      aria-label="Colours"
      class="theme"
      value={theme}
      onChange={({ currentTarget }) => {
        const chosen = currentTarget.value as Theme;
        chooseTheme(chosen);
        setTheme(chosen);
      }}
    >
      <option value="system">As the system</option>
      <option value="light">Light</option>
      <option value="dark">Dark</option>
    </select>
  );
}
