/** Texts of jobs. */

import { defineMessages } from '../messages/use-messages.ts'

export const jobWords = defineMessages({
  en: {
    running: 'running',
    done: 'done',
    failed: 'failed',
    cancelled: 'cancelled',
    log: 'Log',
    logEmpty: 'No output yet.',
    cancel: 'Stop',
    took: (time: string) => `took ${time}`,
    since: (time: string) => `running for ${time}`,
    command: 'Equivalent command',
    lines: (count: string) => `${count} lines`,
  },
  zh: {
    running: '运行中',
    done: '已完成',
    failed: '失败',
    cancelled: '已取消',
    log: '日志',
    logEmpty: '还没有输出。',
    cancel: '停止',
    took: (time: string) => `用时 ${time}`,
    since: (time: string) => `已运行 ${time}`,
    command: '等价的命令',
    lines: (count: string) => `${count} 行`,
  },
})
