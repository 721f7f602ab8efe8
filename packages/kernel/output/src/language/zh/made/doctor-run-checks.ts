/** What the checks of the doctor say: run-checks, in Chinese. */

import type { Texts } from '../../words.ts'

export const doctorRunChecksMade: Texts = {
  'the check itself failed: {0}': '检查本身失败：{0}',
  'This is a bug in Hadal. Please report it with the capture.': '这是 Hadal 的缺陷；请连同快照一起报告。',
}
