/** Help in Chinese: of keys and usage. */

import type { Texts } from '../../words.ts'

export const accountsHelp: Texts = {
  'Create, limit and revoke API keys.': '创建、限制和吊销服务的密钥。',
  'Create a key and show it once.': '创建密钥，只显示一次。',
  'owner of the key': '归谁所有',
  'rate limit, in requests': '最多',
  'rate limit, in prompt and completion tokens; suffixes as in 50k or 2M are allowed':
    '提示与回答合计；也可写成 50k 和 2M',
  'maximum number of concurrent requests': '同时处理的请求数',
  'token budget per month (UTC)': '每个 UTC 自然月的 token 数',
  'monthly budget in money, priced by the setting `prices`': '同上，以金额计，按设置 `prices`',
  'allowed models: names or patterns with *, separated by commas': '模型名，或带 * 的通配模式，用逗号分隔',
  'default and most urgent priority of its requests; lower is more urgent':
    '其请求的优先级，也是可以要求的最高优先级；数值小者优先',
  'share of the engine under contention; 1 if unset': '有其他人等待时占用引擎的份额；没有写的为 1',
  'expiry: a date such as 2027-06-30, or a duration from now such as 30d':
    '日期 2027-06-30，或从现在起的时长 30d',
  'a SQLite file or postgres://user@host/name': 'SQLite 文件或 postgres://user@host/name',
  'the service’s database': '同服务',
  'Change the limits of a key. Unspecified limits stay; `none` removes a limit.':
    '更改密钥的权限；没有提到的不变，`none` 取消限额。',
  'key name or id': '名称或 ID',
  'List keys with their limits and this month’s usage.': '密钥及其权限和本月用量。',
  'include revoked and expired keys': '也包括已吊销和已过期的',
  'Revoke a key.': '不再让密钥进入。',
  'Show the monthly usage of keys.': '服务的密钥在一个月中的用量。',
  'grouping of the rows': '按什么分行',
  'month such as 2026-11': '例如 2026-11',
  'the current month, in UTC': '本月，按 UTC',
  'only this key: name or id': '只看一个密钥：名称或 ID',
}
