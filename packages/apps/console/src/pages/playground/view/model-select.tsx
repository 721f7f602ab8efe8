/** Which model or adapter a column asks, with its state; loads one that is not there yet. */

import type { ModelCard } from '@hadal/protocol'
import { type ReactNode, useState } from 'react'
import { ApiError } from '../../../api/api-error.ts'
import { send } from '../../../api/request.ts'
import { Button, formatMillis, Select, toast } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { useStore } from '../../../store.ts'
import { modelList } from '../models.ts'
import { words } from '../words.ts'

export interface ModelSelectProps {
  readonly value: string | undefined
  readonly onChange: (model: string) => void
}

export function ModelSelect({ value, onChange }: ModelSelectProps): ReactNode {
  const say = useMessages(words)
  const { models, refresh } = useStore(modelList)
  const [isLoading, setLoading] = useState(false)
  const chosen = value ?? models[0]?.id ?? ''
  const card = models.find(({ id, aliases }) => id === chosen || aliases.includes(chosen))
  const state = ({ status }: ModelCard): string => {
    if (status.asleep)
      return status.eta_seconds === undefined
        ? say.asleep
        : `${say.asleep}, ${formatMillis(status.eta_seconds * 1000)}`
    if (status.failed) return say.failed
    return status.value === 'loaded' ? '' : say[status.value]
  }
  const options = models.map((each) => {
    const name = each.parent === undefined ? each.id : `${each.parent} › ${each.id}`
    return { value: each.id, label: [name, state(each)].filter(Boolean).join(' · ') }
  })
  if (card === undefined)
    options.unshift({ value: chosen, label: chosen === '' ? say.noModel : `${chosen} · ${say.gone}` })
  const load = async (): Promise<void> => {
    setLoading(true)
    try {
      await send('/models/load', { body: { model: chosen } })
    } catch (error) {
      toast({ text: error instanceof ApiError ? error.message : String(error), tone: 'bad' })
    }
    setLoading(false)
    refresh()
  }
  return (
    <div className="pg-model">
      <Select
        label={say.model}
        isLabelHidden
        value={card?.id ?? chosen}
        options={options}
        onChange={onChange}
      />
      {card?.status.value === 'unloaded' && (
        <Button size="small" isBusy={isLoading} onPress={() => void load()}>
          {say.load}
        </Button>
      )}
    </div>
  )
}
