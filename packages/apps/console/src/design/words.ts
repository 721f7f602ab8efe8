/** Texts of the components. */

import { defineMessages } from '../messages/use-messages.ts'

export const designWords = defineMessages({
  en: {
    copy: 'Copy',
    copied: 'Copied',
    copyFailed: 'This browser did not let the page copy. Mark the text and copy it.',
    retry: 'Try again',
    close: 'Close',
    cancel: 'Cancel',
    busy: 'working',
    loading: 'Loading',
    asTable: 'Show as table',
    asChart: 'Show as chart',
    noValues: 'No values yet',
    wholeRange: 'Show the whole range',
    arrows: 'Arrow keys go along the curves; the legend tells their values.',
    more: (shown: string, all: string) => `The first ${shown} of ${all}`,
    asServer: 'As the server has it',
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
