/** Usage of a key's monthly budget. */

import type { ServiceKeyWithUsage } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { formatCount, formatPercent, Meter } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { budgetUse } from './key-limits.ts'
import { keysWords } from './keys-words.ts'
import { formatMoney } from './money.ts'

export interface BudgetMeterProps {
  readonly limits: ServiceKeyWithUsage
  readonly used: ServiceKeyWithUsage['used']
  readonly currency: string
  readonly hasWords?: boolean
}

export function BudgetMeter({ limits, used, currency, hasWords = false }: BudgetMeterProps): ReactNode {
  const say = useMessages(keysWords)
  const budget = budgetUse(limits, used)
  if (budget === undefined) return <span className="faint">–</span>
  const amount = (value: number): string =>
    limits.budget?.unit === 'tokens' ? formatCount(value) : formatMoney(value, currency)
  return (
    <div className="keys-budget">
      <Meter
        label={say.budget}
        isLabelHidden={!hasWords}
        value={budget.used}
        max={budget.amount}
        tone={budget.tone}
        text={say.ofBudget(amount(budget.used), amount(budget.amount))}
      />
      {!hasWords && <span className="small faint number">{formatPercent(budget.share)}</span>}
    </div>
  )
}
