// Runs before the first paint, as a file of its own because the content policy allows no inline script: without it a
// person who chose the dark theme would see a flash of paper on every visit. The key is the one Mantine keeps.
(() => {
  let chosen = null;
  try {
    chosen = window.localStorage.getItem('mantine-color-scheme-value');
  } catch {
    // Storage can be forbidden; then the system's preference decides.
  }
  const dark =
    chosen === 'dark' || (chosen !== 'light' && window.matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
