/** One token of a response with its probability and alternatives, as bars. */

import type { ReactNode } from 'react'
import { formatPercent } from '../../../../design/index.ts'
import { defineMessages, useMessages } from '../../../../messages/use-messages.ts'
import type { Token } from '../../conversation.ts'
import { visibleText } from '../markdown/safe-link.ts'
import { hexOf, tokenText } from './token-cells.ts'

const words = defineMessages({
  en: {
    place: (at: number) => `Token ${at}`,
    chosen: 'selected',
    rest: 'other tokens',
    noOthers: 'No alternatives were requested. Set top_logprobs above 0.',
    bytes: (hex: string) => `bytes ${hex}`,
    logprob: (value: string) => `logprob ${value}`,
  },
  zh: {
    place: (at: number) => `第 ${at} 个 token`,
    chosen: '已选',
    rest: '其余全部',
    noOthers: '没有请求候选 token：把 top_logprobs 设为大于 0。',
    bytes: (hex: string) => `字节 ${hex}`,
    logprob: (value: string) => `对数概率 ${value}`,
  },
})

export interface TokenDetailProps {
  /** Several if they form one character together. */
  readonly tokens: readonly Token[]
  readonly place: number
}

export function TokenDetail({ tokens, place }: TokenDetailProps): ReactNode {
  return (
    <div className="tk-detail">
      {tokens.map((token, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: their order does not change
        <OneToken key={index} token={token} place={place + index} />
      ))}
    </div>
  )
}

function OneToken({ token, place }: { readonly token: Token; readonly place: number }): ReactNode {
  const say = useMessages(words)
  const rows = alternativesOf(token)
  const rest = 1 - rows.reduce((sum, { probability }) => sum + probability, 0)
  return (
    <section>
      <p className="tk-head">
        <span>{say.place(place + 1)}</span>
        <code>{shownText(tokenText(token))}</code>
        <strong>{formatPercent(Math.exp(token.logprob))}</strong>
        <span>{say.logprob(token.logprob.toFixed(3))}</span>
        {token.bytes.length > 0 && <span>{say.bytes(hexOf(token.bytes).slice(1, -1))}</span>}
      </p>
      <ol className="tk-bars">
        {rows.map(({ text, probability, isChosen }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: their order does not change
          <li key={index} className={isChosen ? 'tk-chosen' : undefined}>
            <code>{shownText(text)}</code>
            <span className="tk-track" aria-hidden="true">
              <span style={{ width: `${Math.max(0.5, probability * 100)}%` }} />
            </span>
            <span className="tk-share">{formatPercent(probability)}</span>
            <span className="tk-mark">{isChosen ? say.chosen : ''}</span>
          </li>
        ))}
        {token.top.length > 1 && rest > 0.0005 && (
          <li>
            <em>{say.rest}</em>
            <span className="tk-track" aria-hidden="true">
              <span style={{ width: `${rest * 100}%` }} />
            </span>
            <span className="tk-share">{formatPercent(rest)}</span>
            <span className="tk-mark" />
          </li>
        )}
      </ol>
      {token.top.length === 0 && <p>{say.noOthers}</p>}
    </section>
  )
}

interface Alternative {
  readonly text: string
  readonly probability: number
  readonly isChosen: boolean
}

/** The likeliest tokens, and the token itself if it is not among them. */
export function alternativesOf(token: Token): readonly Alternative[] {
  const rows = token.top.map((each) => ({
    text: tokenText(each),
    probability: Math.exp(each.logprob),
    isChosen: isSame(each, token),
  }))
  if (rows.some(({ isChosen }) => isChosen)) return rows
  const own = { text: tokenText(token), probability: Math.exp(token.logprob), isChosen: true }
  return [...rows, own].sort((one, other) => other.probability - one.probability)
}

const isSame = (one: Pick<Token, 'text' | 'bytes'>, other: Pick<Token, 'text' | 'bytes'>): boolean =>
  one.text === other.text && one.bytes.join() === other.bytes.join()

/** Blanks are seen, too. */
const shownText = (text: string): string =>
  visibleText(text).replaceAll(' ', '␣').replaceAll('\n', '↵').replaceAll('\t', '⇥').replaceAll('\r', '␍') ||
  '∅'
