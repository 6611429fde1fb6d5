import { defineConfig } from 'vitepress';

const page = (text: string, link: string) => ({ text, link });

const GUIDE = [
  {
    text: 'Start',
    items: [
      page('What it is', '/'),
      page('Coming from', '/coming-from'),
      page('Installing', '/installing'),
      page('Bundlers', '/bundlers'),
    ],
  },
  {
    text: 'Signals',
    items: [
      page('Looking', '/looking'),
      page('Changing', '/changing'),
      page('Receiving', '/receiving'),
      page('Ways to receive', '/ways-to-receive'),
      page('Two phases', '/two-phases'),
      page('Bridging', '/bridging'),
      page('Beside other libraries', '/libraries'),
      page('Low level', '/low-level'),
      page('Errors', '/errors'),
    ],
  },
  {
    text: 'Programs',
    items: [
      page('Shutdown', '/shutdown'),
      page('In a framework', '/frameworks'),
      page('Manager', '/manager'),
      page('Watchdog', '/watchdog'),
      page('Debug', '/debug'),
      page('Testing', '/testing'),
    ],
  },
  {
    text: 'Find out',
    items: [
      page('Troubleshooting', '/troubleshooting'),
      page('What the doctor foretells, tried', '/doctor-corpus'),
      page('Who sends it', '/watch'),
      page('Trace', '/trace'),
      page('Platforms', '/platforms'),
      page('Starting a program', '/run'),
    ],
  },
  {
    text: 'More',
    items: [
      page('API reference', '/api/'),
      page('Benchmark', '/benchmark'),
      page('Benchmark of shutdowns', '/benchmark-shutdown'),
      page('Design', '/design'),
      page('Decisions', '/decisions'),
      page('Dependencies', '/dependencies'),
      page('Contributing', '/contributing'),
      page('Changes', '/changelog'),
    ],
  },
];

/** The site: dead links fail the build. */
export default defineConfig({
  title: 'sigbridge',
  description: 'POSIX signals for Node.js, whole',
  srcDir: '.pages',
  outDir: '../.cache/site',
  cacheDir: '../.cache/vitepress',
  locales: {
    root: { label: 'English', lang: 'en' },
    zh: { label: '简体中文', lang: 'zh-CN', themeConfig: { outline: { label: '本页目录' } } },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [page('Guide', '/'), page('API', '/api/'), page('Changes', '/changelog')],
    sidebar: { '/': GUIDE, '/zh/': [page('sigbridge 是什么', '/zh/'), ...GUIDE] },
  },
});
