/**
 * The page's script: the button for light and dark, and the search in lists. Without it everything is there to read, so
 * what only works with it is hidden until it runs. It reads the page's text and writes none of it back as markup.
 */
export const SCRIPT = `
(() => {
  const root = document.documentElement;
  const theme = document.getElementById('theme');
  const system = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : system.matches);
  const tell = () => theme.setAttribute('aria-pressed', String(isDark()));
  theme.hidden = false;
  theme.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    tell();
  });
  system.addEventListener('change', tell);
  tell();

  for (const search of document.querySelectorAll('[data-search]')) {
    const entries = [...document.getElementById(search.dataset.search).children];
    const texts = entries.map((entry) => (entry.dataset.text || entry.textContent).toLowerCase());
    const status = document.getElementById(search.dataset.search + '-status');
    const all = status.textContent;
    const find = () => {
      const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
      let found = 0;
      entries.forEach((entry, i) => {
        const fits = words.every((word) => texts[i].includes(word));
        entry.hidden = !fits;
        if (fits) found++;
      });
      status.textContent = words.length === 0 ? all : found + ' of ' + entries.length + ' shown';
    };
    search.closest('[hidden]').hidden = false;
    search.addEventListener('input', find);
    search.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        search.value = '';
        find();
      }
    });
  }
})();
`;
