/** Named templates match the output of llama.cpp 0.4.0's `llama_chat_apply_template`. */

import { type Message, namedTemplate, prepareChatSync, templateNames } from '@hadal/chat'
import { describe, expect, it } from 'vitest'

const messages: readonly Message[] = [
  { role: 'system', content: 'You are a helpful assistant' },
  { role: 'user', content: ' Hello ' },
  { role: 'assistant', content: 'Hi there ' },
  { role: 'user', content: "Who are 'you'\n" },
]

function promptOf(name: string, all: readonly Message[] = messages): string {
  const model = { id: name, architecture: 'test', bosToken: '<s>', eosToken: '</s>', controlTokens: [] }
  return prepareChatSync({ ...model, chatTemplate: namedTemplate(name)! }, { messages: all }).pieces.join('')
}

describe('a template with a name', () => {
  it.each([
    [
      'llama3',
      "<|start_header_id|>system<|end_header_id|>\n\nYou are a helpful assistant<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHello<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nHi there<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nWho are 'you'<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
    ],
    [
      'llama2-sys',
      "[INST] <<SYS>>\nYou are a helpful assistant\n<</SYS>>\n\n Hello  [/INST]Hi there </s>[INST] Who are 'you'\n [/INST]",
    ],
    [
      'mistral-v1',
      " [INST] You are a helpful assistant\n\n Hello  [/INST] Hi there </s> [INST] Who are 'you'\n [/INST]",
    ],
    [
      'command-r',
      "<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>You are a helpful assistant<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|USER_TOKEN|>Hello<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>Hi there<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|USER_TOKEN|>Who are 'you'<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>",
    ],
    [
      'deepseek3',
      "You are a helpful assistant\n\n<｜User｜> Hello <｜Assistant｜>Hi there <｜end▁of▁sentence｜><｜User｜>Who are 'you'\n<｜Assistant｜>",
    ],
    [
      'gpt-oss',
      "<|start|>system<|message|>You are a helpful assistant<|end|><|start|>user<|message|> Hello <|end|><|start|>assistant<|message|>Hi there <|return|><|start|>user<|message|>Who are 'you'\n<|end|><|start|>assistant",
    ],
  ])('%s', (name, prompt) => {
    expect(promptOf(name)).toBe(prompt)
  })

  it.each(templateNames)('writes every word: %s', (name) => {
    for (const all of [messages, messages.slice(1)])
      for (const { content } of all) expect(promptOf(name, all)).toContain(content.trim())
  })

  it('has none that is no name', () => {
    expect(namedTemplate('llama99')).toBeUndefined()
    expect(namedTemplate('constructor')).toBeUndefined()
  })
})
