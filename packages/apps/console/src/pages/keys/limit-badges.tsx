/** Summary of a key's limits. */

import type { KeyLimitFields } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { Badge, formatCount } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { keysWords } from './keys-words.ts'
import { formatMoney } from './money.ts'

export interface LimitBadgesProps {
  readonly limits: KeyLimitFields
  readonly currency: string
}

export function LimitBadges({ limits, currency }: LimitBadgesProps): ReactNode {
  const say = useMessages(keysWords)
  const { requestsPerMinute, tokensPerMinute, maxConcurrent, budget, models, priority, weight, expiresAt } =
    limits
  const said = [
    requestsPerMinute != null && say.perMinuteRequests(formatCount(requestsPerMinute)),
    tokensPerMinute != null && say.perMinuteTokens(formatCount(tokensPerMinute)),
    maxConcurrent != null && say.atATime(formatCount(maxConcurrent)),
    budget != null &&
      say.budgetOf(
        budget.unit === 'tokens'
          ? `${formatCount(budget.amount)} ${say.tokenUnit}`
          : formatMoney(budget.amount, currency),
      ),
    models != null && say.onlyModels(models.join(', ')),
    priority != null && say.priorityIs(String(priority)),
    weight != null && say.weightIs(String(weight)),
    expiresAt != null && say.until(new Date(expiresAt).toISOString().slice(0, 10)),
  ].filter((part) => part !== false)
  if (said.length === 0) return <span className="faint">{say.anything}</span>
  return (
    <span className="keys-limits">
      {said.map((part) => (
        <Badge key={part}>{part}</Badge>
      ))}
    </span>
  )
}
