/** Help in Chinese: of keys and usage. */

import type { Texts } from '../../words.ts'

export const accountsHelp: Texts = {
  'Make, limit and revoke the keys of a service.': '创建、限制和吊销服务的密钥。',
  'Make a key, and show it once.': '创建密钥，只显示一次。',
  'whose it is': '归谁所有',
  'at most': '最多',
  'prompts and answers together; 50k and 2M are numbers, too': '提示与回答合计；也可写成 50k 和 2M',
  'requests at work at a time': '同时处理的请求数',
  'tokens each month of UTC': '每个 UTC 自然月的 token 数',
  'the same in money, by the setting `prices`': '同上，以金额计，按设置 `prices`',
  'names of models, or patterns with *, separated by commas': '模型名，或带 * 的通配模式，用逗号分隔',
  'of its requests, and the most urgent they may ask for; lower goes first':
    '其请求的优先级，也是可以要求的最高优先级；数值小者优先',
  'share of the engine when others wait, too; 1 where nothing is said':
    '有其他人等待时占用引擎的份额；没有写的为 1',
  'a date, 2027-06-30, or a duration from now, 30d': '日期 2027-06-30，或从现在起的时长 30d',
  'a SQLite file or postgres://user@host/name': 'SQLite 文件或 postgres://user@host/name',
  'as the service has it': '同服务',
  'Change what a key may do; what is not named stays, and `none` takes a limit away.':
    '更改密钥的权限；没有提到的不变，`none` 取消限额。',
  'its name or id': '名称或 ID',
  'The keys, what they may do and what they used this month.': '密钥及其权限和本月用量。',
  'also those that were revoked or have expired': '也包括已吊销和已过期的',
  'Let a key in no more.': '不再让密钥进入。',
  'What the keys of a service used in a month.': '服务的密钥在一个月中的用量。',
  'a line for each': '按什么分行',
  'such as 2026-11': '例如 2026-11',
  'this one, in UTC': '本月，按 UTC',
  'of one alone: its name or id': '只看一个密钥：名称或 ID',
}
