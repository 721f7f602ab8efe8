/** The resulting action for a request with this text, and its cause. */

import type { GuardCheckAnswer } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { useMessages } from '../../../messages/use-messages.ts'
import { guardWords } from '../guard-words.ts'
import { ActionBadge, formatMicros, stops } from '../verdict-words.tsx'
import { seen } from './marked-text.tsx'

export function WhatHappens({ answer }: { readonly answer: GuardCheckAnswer }): ReactNode {
  const say = useMessages(guardWords)
  const { action, findings, reply, blockAs, isNearMiss, micros, language } = answer
  const sentence = {
    allow: say.wouldAllow,
    flag: say.wouldFlag,
    redact: say.wouldRedact,
    reply: say.wouldReply,
    block: blockAs === 'error' ? say.wouldBlockError : say.wouldBlock,
  }[action]
  const said = action === 'redact' ? answer.text : reply
  const reason = findings[0]
  const name = language === 'en' || language === 'zh' ? say[language] : say.other
  return (
    <section
      className={`guard-verdict guard-verdict-${stops(action) ? 'stopped' : action === 'allow' ? 'allowed' : 'noted'}`}
      aria-label={say[action]}
    >
      <div className="row">
        <ActionBadge action={action} />
        <span className="small faint">{say.took(formatMicros(micros), name)}</span>
      </div>
      <p>{sentence}</p>
      {said !== undefined && <blockquote>{seen(said.slice(0, 4000))}</blockquote>}
      {reason !== undefined && (
        <p className="soft">
          {say.because(reason.check)}: {reason.why}
        </p>
      )}
      {isNearMiss && <p className="warn">{say.nearMiss}</p>}
    </section>
  )
}
