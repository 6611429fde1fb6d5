import { defineConfig, type DefaultTheme } from 'vitepress';

/** A link or a group of links, under its name in English and in Chinese. */
type Names = readonly [english: string, chinese: string];
type Page = readonly [...Names, link: string];

const GUIDE: (readonly [Names, readonly Page[]])[] = [
  [
    ['Start', '入门'],
    [
      ['What it is', '这是什么', '/'],
      ['Words', '名词解释', '/words'],
      ['Coming from', '从其他库迁移', '/coming-from'],
      ['Installing', '安装', '/installing'],
      ['Bundlers', '打包工具', '/bundlers'],
    ],
  ],
  [
    ['Signals', '信号'],
    [
      ['Looking', '查看', '/looking'],
      ['Changing', '更改', '/changing'],
      ['Receiving', '接收', '/receiving'],
      ['Ways to receive', '多种接收方式', '/ways-to-receive'],
      ['Two phases', '两个阶段', '/two-phases'],
      ['Bridging', '桥接', '/bridging'],
      ['Beside other libraries', '与其他库共存', '/libraries'],
      ['Low level', '底层', '/low-level'],
      ['Errors', '错误', '/errors'],
    ],
  ],
  [
    ['Programs', '程序'],
    [
      ['Shutdown', '有序退出', '/shutdown'],
      ['In a framework', '在框架中', '/frameworks'],
      ['Manager', '管理器', '/manager'],
      ['Watchdog', '看门狗', '/watchdog'],
      ['Debug', '调试', '/debug'],
      ['Testing', '测试', '/testing'],
    ],
  ],
  [
    ['Find out', '排查'],
    [
      ['Troubleshooting', '故障排查', '/troubleshooting'],
      ['What the doctor foretells, tried', '诊断结果的验证', '/doctor-corpus'],
      ['Who sends it', '观察', '/watch'],
      ['Trace', '追踪', '/trace'],
      ['Platforms', '平台', '/platforms'],
      ['Starting a program', '启动程序', '/run'],
    ],
  ],
  [
    ['More', '更多'],
    [
      ['API reference', 'API 参考', '/api/'],
      ['Benchmark', '性能对比', '/benchmark'],
      ['Benchmark of shutdowns', '退出对比', '/benchmark-shutdown'],
      ['Benchmark of watching', '观察对比', '/benchmark-watch'],
      ['Design', '设计', '/design'],
      ['Decisions', '设计取舍', '/decisions'],
      ['Dependencies', '依赖', '/dependencies'],
      ['Contributing', '参与开发', '/contributing'],
      ['Changes', '更新日志', '/changelog'],
    ],
  ],
];

const ENGLISH = 0;
const CHINESE = 1;

/** The pages other than the first are in English, whatever language their names are in. */
const sidebar = (language: 0 | 1): DefaultTheme.SidebarItem[] =>
  GUIDE.map(([names, pages]) => ({
    text: names[language],
    items: pages.map((page) => ({
      text: page[language],
      link: page[2] === '/' && language === CHINESE ? '/zh/' : page[2],
    })),
  }));

const CHINESE_THEME: DefaultTheme.Config = {
  nav: [
    { text: '指南', link: '/zh/' },
    { text: 'API', link: '/api/' },
    { text: '更新日志', link: '/changelog' },
  ],
  outline: { level: [2, 3], label: '本页目录' },
  docFooter: { prev: '上一页', next: '下一页' },
  darkModeSwitchLabel: '外观',
  lightModeSwitchTitle: '切换到浅色',
  darkModeSwitchTitle: '切换到深色',
  sidebarMenuLabel: '菜单',
  returnToTopLabel: '回到顶部',
  langMenuLabel: '切换语言',
  skipToContentLabel: '跳到正文',
};

const CHINESE_SEARCH = {
  button: { buttonText: '搜索', buttonAriaLabel: '搜索' },
  modal: {
    displayDetails: '显示详情',
    resetButtonTitle: '清除',
    backButtonTitle: '返回',
    noResultsText: '没有找到',
    footer: { selectText: '选择', navigateText: '移动', closeText: '关闭' },
  },
};

/** Words, as search takes them: Chinese has no spaces between its own. */
function tokenize(text: string): string[] {
  const words = new Intl.Segmenter('zh', { granularity: 'word' }).segment(text);
  return [...words].filter((word) => word.isWordLike).map((word) => word.segment);
}

/** The site: dead links fail the build. */
export default defineConfig({
  title: 'sigbridge',
  description: 'POSIX signals for Node.js, whole',
  srcDir: '.pages',
  outDir: '../.cache/site',
  cacheDir: '../.cache/vitepress',
  locales: {
    root: { label: 'English', lang: 'en' },
    zh: { label: '简体中文', lang: 'zh-CN', themeConfig: CHINESE_THEME },
  },
  themeConfig: {
    search: {
      provider: 'local',
      options: {
        miniSearch: { options: { tokenize } },
        locales: { zh: { translations: CHINESE_SEARCH } },
      },
    },
    outline: [2, 3],
    nav: [
      { text: 'Guide', link: '/' },
      { text: 'API', link: '/api/' },
      { text: 'Changes', link: '/changelog' },
    ],
    sidebar: { '/': sidebar(ENGLISH), '/zh/': sidebar(CHINESE) },
  },
});
