/** Texts of the components. */

import { defineMessages } from '../messages/use-messages.ts'

export const designWords = defineMessages({
  en: {
    copy: 'Copy',
    copied: 'Copied',
    copyFailed: 'The browser blocked clipboard access. Select the text and copy it manually.',
    retry: 'Retry',
    close: 'Close',
    cancel: 'Cancel',
    busy: 'In progress',
    loading: 'Loading',
    asTable: 'Show as table',
    asChart: 'Show as chart',
    noValues: 'No data yet',
    wholeRange: 'Reset zoom',
    arrows: 'Use the arrow keys to move along the curves. The legend shows the values.',
    more: (shown: string, all: string) => `Showing the first ${shown} of ${all}`,
    asServer: 'Server default',
    wrap: 'Wrap lines',
    dismiss: 'Dismiss',
  },
  zh: {
    copy: '复制',
    copied: '已复制',
    copyFailed: '浏览器不允许本页复制，请选中文本后手动复制。',
    retry: '重试',
    close: '关闭',
    cancel: '取消',
    busy: '处理中',
    loading: '加载中',
    asTable: '以表格显示',
    asChart: '以图表显示',
    noValues: '尚无数据',
    wholeRange: '显示全部范围',
    arrows: '用方向键沿曲线移动，图例显示对应的数值。',
    more: (shown: string, all: string) => `共 ${all} 行，显示前 ${shown} 行`,
    asServer: '使用服务端默认值',
    wrap: '自动换行',
    dismiss: '关闭提示',
  },
})
