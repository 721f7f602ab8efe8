// The documentation site: `npm run docs:dev` shows it while you write, `npm run docs:build` writes it to docs/.vitepress/dist,
// `npm run docs:preview` serves that. It loads nothing from other hosts.

import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type DefaultTheme, defineConfig } from 'vitepress'
import { chineseLines } from './chinese-lines.ts'
import { notPages, pageOf, root, sitePages } from './page-paths.ts'
import { repositoryLinks } from './repository-links.ts'
import { sidebarOf } from './sidebar.ts'

const pages = new Set([...sitePages().values()].map((page) => page.replace(/\.md$/, '')))
const has = (page: string): boolean => pages.has(page)

/** A sidebar made of a folder, under a link to the parent page. */
function listOf(folder: string, text: string): DefaultTheme.SidebarItem[] {
  const prefix = `${folder}/`
  const items = [...pages]
    .filter((page) => page.startsWith(prefix) && !page.endsWith('/index'))
    .map((page) => ({ text: page.slice(prefix.length).replace(/^Hadal/, ''), link: `/${page}` }))
  return [
    { text: 'All pages', link: '/start' },
    { text, items },
  ]
}

const english = sidebarOf('en', has)
const packages = listOf('packages', 'Packages').slice(1)

/** What `npm run docs:api` left, where it ran. */
function apiSidebar(): DefaultTheme.SidebarItem[] {
  const file = join(root, 'docs/reference/sidebar.json')
  if (!existsSync(file)) return []
  const items: DefaultTheme.SidebarItem[] = JSON.parse(readFileSync(file, 'utf8'))
  return [
    { text: 'All pages', link: '/start' },
    { text: 'TypeScript API', link: '/reference/', items },
  ]
}

/** The console's, in the page itself, so that it is right under any address. */
const icon = `data:image/svg+xml;base64,${readFileSync(join(root, 'packages/apps/console/public/icon.svg')).toString('base64')}`

export default defineConfig({
  title: 'Hadal',
  description: 'Serve, train, deploy and measure open language models from TypeScript.',
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: icon }]],
  srcDir: relative(`${root}/docs`, root),
  srcExclude: notPages,
  rewrites: pageOf,
  // The TypeScript API is there once it has been generated.
  ignoreDeadLinks: has('reference/index') ? false : [/^\/?reference\//],
  markdown: {
    config(markdown) {
      repositoryLinks(markdown)
      chineseLines(markdown)
    },
    theme: { light: 'github-light', dark: 'github-dark' },
    languageAlias: { promql: 'sql' },
  },
  vite: { build: { chunkSizeWarningLimit: 10_000 } },
  themeConfig: {
    search: { provider: 'local', options: searchOptions() },
    outline: [2, 3],
    // Not every page is there in both languages.
    i18nRouting: false,
  },
  locales: {
    root: {
      label: 'English',
      lang: 'en',
      themeConfig: {
        nav: [
          { text: 'Start', link: '/start' },
          { text: 'Guides', link: '/serve', activeMatch: '^/(serve|train|deploy)' },
          { text: 'Reference', link: '/config', activeMatch: '^/(api|config|errors)' },
          { text: 'Compare', link: '/compare' },
        ],
        sidebar: {
          '/runbooks/': listOf('runbooks', 'Runbooks'),
          '/reports/': listOf('reports', 'Reports'),
          '/reference/': apiSidebar(),
          '/packages/': listOf('packages', 'Packages'),
          '/': [...english, ...packages.map((group) => ({ ...group, collapsed: true }))],
        },
      },
    },
    zh: {
      label: '简体中文',
      lang: 'zh-CN',
      link: '/zh/',
      description: '用 TypeScript 服务、训练、部署和测量开放语言模型。',
      themeConfig: {
        nav: [
          { text: '入门', link: has('zh/start') ? '/zh/start' : '/start' },
          { text: '参考（英文）', link: '/config' },
        ],
        sidebar: { '/zh/': sidebarOf('zh', has) },
        outline: { level: [2, 3], label: '本页内容' },
        docFooter: { prev: '上一页', next: '下一页' },
        darkModeSwitchLabel: '外观',
        lightModeSwitchTitle: '切换到浅色',
        darkModeSwitchTitle: '切换到深色',
        sidebarMenuLabel: '菜单',
        returnToTopLabel: '回到顶部',
        langMenuLabel: '语言',
      },
    },
  },
})

/** Search that cuts Chinese into words, too, and shows buttons in the reader's language. Reports are evidence, not answers: left out. */
function searchOptions(): DefaultTheme.LocalSearchOptions {
  return {
    _render(source, env, markdown) {
      const page: string = env.relativePath // of the file: it is not moved yet
      return /^(bench|docs\/reference)\//.test(page) ? '' : markdown.render(source, env)
    },
    miniSearch: {
      options: {
        // Sent to the browser as text: it must need nothing from here.
        tokenize: (text) => {
          const words = text.split(/[\n\r\p{Z}\p{P}]+/u)
          return words.flatMap((word) =>
            /\p{Script=Han}/u.test(word)
              ? [...new Intl.Segmenter('zh', { granularity: 'word' }).segment(word)].map(
                  (part) => part.segment,
                )
              : [word],
          )
        },
      },
    },
    locales: {
      zh: {
        translations: {
          button: { buttonText: '搜索', buttonAriaLabel: '搜索' },
          modal: {
            noResultsText: '没有结果：',
            resetButtonTitle: '清除',
            displayDetails: '显示详情',
            backButtonTitle: '关闭',
            footer: { selectText: '选择', navigateText: '切换', closeText: '关闭' },
          },
        },
      },
    },
  }
}
