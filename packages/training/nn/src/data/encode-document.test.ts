import { describe, expect, it } from 'vitest'
import { trainBpe } from '../tokenizer/index.ts'
import { chatTemplate, chatTokens } from './chat.ts'
import { documentEncoder, encodeRow } from './encode-document.ts'
import { ChatTemplate } from './render-template.ts'

const tokenizer = trainBpe(['user assistant hello'], {
  vocabSize: 270,
  specialTokens: Object.values(chatTokens),
})
const options = { tokenizer, endOfText: tokenizer.special(chatTokens.endOfText) }
const messages = [
  { role: 'user', content: 'hello' },
  { role: 'assistant', content: 'hello' },
]
const chat = { document: { messages }, path: 'chats.jsonl', line: 7 }

describe('encodeRow', () => {
  it.each(['fail', 'skip'] as const)(
    'does not treat a missing template as a row error with onBadRow %s',
    (onBadRow) => {
      const reported: unknown[] = []
      const bad = { onBadRow, onSkipped: (row: unknown) => void reported.push(row) }
      expect(() => encodeRow(chat, documentEncoder(options), bad)).toThrow(
        expect.objectContaining({
          code: 'nn_chat_template_failed',
          message: 'the chat template failed: none was given, but chats.jsonl:7 is a conversation',
        }),
      )
      expect(reported).toEqual([])
      expect(encodeRow({ ...chat, document: { text: 'hello' } }, documentEncoder(options), bad)).toBeDefined()
    },
  )

  it('treats a conversation that the template rejects as a row error', () => {
    const template = new ChatTemplate("{{ raise_exception('no') }}")
    const encode = documentEncoder({ ...options, template })
    expect(() => encodeRow(chat, encode, {})).toThrow(
      expect.objectContaining({
        code: 'nn_data_row_invalid',
        message: expect.stringContaining('chats.jsonl:7'),
      }),
    )
    expect(encodeRow(chat, encode, { onBadRow: 'skip' })).toBeUndefined()
    const sound = documentEncoder({ ...options, template: new ChatTemplate(chatTemplate) })
    expect(encodeRow(chat, sound, {})?.learn).toContain(true)
  })
})
