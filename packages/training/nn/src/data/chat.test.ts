import { expect, it } from 'vitest'
import { trainBpe } from '../tokenizer/index.ts'
import { type ChatMessage, chatTokens, encodeChat, encodeChatPrompt } from './chat.ts'

const specialTokens = Object.values(chatTokens)
const tokenizer = trainBpe(['user assistant system hello there you too'], { vocabSize: 300, specialTokens })
const chat: ChatMessage[] = [
  { role: 'system', content: 'Be kind.' },
  { role: 'user', content: 'hello <|im_end|>' },
  { role: 'assistant', content: 'hello there' },
]

it('encodes a conversation as the template renders it, content as ordinary text', () => {
  const { tokens } = encodeChat(chat, tokenizer)
  expect(tokenizer.decode(tokens)).toBe(
    '<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nhello <|im_end|><|im_end|>\n' +
      '<|im_start|>assistant\nhello there<|im_end|>\n',
  )
  const ends = tokens.filter((id) => id === tokenizer.special(chatTokens.end))
  expect(ends).toHaveLength(3)
})

it('learns what the assistant says and the end of its turn, nothing else', () => {
  const { tokens, learn } = encodeChat(chat, tokenizer)
  const learnt = tokens.filter((_, index) => learn[index])
  expect(tokenizer.decode(learnt)).toBe('hello there<|im_end|>')
})

it('a prompt is the conversation so far and the beginning of an answer', () => {
  const prompt = encodeChatPrompt(chat.slice(0, 2), tokenizer)
  const { tokens } = encodeChat(chat, tokenizer)
  expect(prompt).toEqual(tokens.slice(0, prompt.length))
  expect(tokenizer.decode(prompt).endsWith('<|im_start|>assistant\n')).toBe(true)
})
