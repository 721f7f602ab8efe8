/** An empty conversation: model, and suggested prompts. */

import type { ReactNode } from 'react'
import { CodeBlock, EmptyState } from '../../../design/index.ts'
import { language } from '../../../messages/language.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { useStore } from '../../../store.ts'
import { modelList } from '../models.ts'
import { words } from '../words.ts'

export interface StartersProps {
  readonly model: string | undefined
  /** `isExact`: the question is for a model that answers best at temperature 0. */
  readonly onAsk: (question: string, isExact: boolean) => void
}

/** Kinds that nano answers well: models/nano/README.md. */
const small = [
  'What is the capital of Japan?',
  'What does brave mean?',
  'Is a violin an animal?',
  'What is 12 + 30?',
  'Tell me a short story about a fox.',
  'What language do people speak in Brazil?',
]
const large = {
  en: [
    'Explain what a KV cache is, using a list as an example.',
    'Write a haiku about the deepest part of the sea.',
    'List the planets in a table with their diameters in kilometres.',
    'What are the trade-offs of batching requests?',
  ],
  zh: [
    '用列表打比方，解释什么是 KV 缓存。',
    '写一首关于海洋最深处的俳句。',
    '用表格列出各行星及其直径（公里）。',
    '批处理请求有哪些取舍？',
  ],
}
/** Parameters: models below know little. */
const smallest = 200e6

export function Starters({ model, onAsk }: StartersProps): ReactNode {
  const say = useMessages(words)
  const chosen = useStore(language)
  const { models, isKnown } = useStore(modelList)
  if (isKnown && models.length === 0)
    return (
      <EmptyState title={say.noModel} icon="chat">
        <p>{say.noModelWhy}</p>
        <CodeBlock code="hadal serve --model models/nano/nano-q8_0.gguf" language="sh" />
      </EmptyState>
    )
  const card = models.find(({ id }) => id === model) ?? models[0]
  const parameters = card?.meta?.n_params ?? 0
  const isSmall = parameters > 0 && parameters < smallest
  const name = card?.id ?? model ?? ''
  return (
    <div className="pg-start">
      <h2>{say.start}</h2>
      {card !== undefined && <p>{isSmall ? say.startSmall(name) : say.startLarge(name)}</p>}
      <ul>
        {(card === undefined ? [] : isSmall ? small : large[chosen]).map((question) => (
          <li key={question}>
            <button type="button" className="pg-starter" onClick={() => onAsk(question, isSmall)}>
              {question}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
