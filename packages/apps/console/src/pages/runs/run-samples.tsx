/** Completions of the run's prompts per evaluation, newest first. All of the text is shown unchanged. */

import type { RunSample } from '@hadal/protocol'
import { type ReactNode, useMemo } from 'react'
import { Card, CodeBlock, EmptyState, formatCount } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { runWords } from './words.ts'

const example = `evaluate: { everySteps: 100, samples: { prompts: [tokenizer.encode('Once upon a time')], maxTokens: 64 } }`

export function RunSamples({ samples }: { readonly samples: readonly RunSample[] }): ReactNode {
  const say = useMessages(runWords)
  const byPrompt = useMemo(() => {
    const found = new Map<string, RunSample[]>()
    for (const sample of samples) found.set(sample.prompt, [sample, ...(found.get(sample.prompt) ?? [])])
    return [...found]
  }, [samples])
  if (samples.length === 0)
    return (
      <EmptyState title={say.noSamples}>
        <p>{say.noSamplesText}</p>
        <CodeBlock language="ts" code={example} />
      </EmptyState>
    )
  return byPrompt.map(([prompt, said]) => (
    <Card key={prompt} title={say.prompt}>
      <pre className="runs-text">{prompt}</pre>
      <ol className="runs-samples" aria-label={say.said}>
        {said.map(({ step, text }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step may be evaluated again
          <li key={`${step} ${at}`}>
            <span className="number soft small">{say.atStep(formatCount(step))}</span>
            <pre className="runs-text">{text}</pre>
          </li>
        ))}
      </ol>
    </Card>
  ))
}
