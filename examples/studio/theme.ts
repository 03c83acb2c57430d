/** Light or dark as the system says, until the button says otherwise; the choice is kept on this machine. */
const KEY = 'fletching-studio-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

/** Storage may be forbidden: the choice then lasts as long as the page. */
function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export const isDark = (): boolean => {
  const { theme } = document.documentElement.dataset;
  return theme === undefined ? system.matches : theme === 'dark';
};

export function startTheme(): void {
  const theme = stored();
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
}

export function toggleTheme(): void {
  const theme = isDark() ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // See stored.
  }
}
