import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PublishedTokenizer, trainBpe } from '../tokenizer/index.ts'
import { type ChatMessage, chatTemplate, chatTokens, encodeChat } from './chat.ts'
import { encodeConversation } from './encode-conversation.ts'
import type { TrainingMessage } from './parse-row.ts'
import { ChatTemplate } from './render-template.ts'

const specialTokens = [...Object.values(chatTokens), '<think>', '</think>']
const tokenizer = trainBpe(['user assistant system hello there you too'], { vocabSize: 300, specialTokens })
const chatMl = new ChatTemplate(chatTemplate)

const user = (content: string): TrainingMessage => ({ role: 'user', content })
const assistant = (content: string): TrainingMessage => ({ role: 'assistant', content })

function shown(messages: readonly TrainingMessage[], template = chatMl, turns: 'all' | 'last' = 'all') {
  const { tokens, learn } = encodeConversation({ messages }, template, tokenizer, turns)
  return {
    text: tokenizer.decode(tokens),
    learnt: tokenizer.decode(tokens.filter((_, index) => learn[index])),
    tokens,
    learn,
  }
}

describe('encodeConversation', () => {
  it('agrees with the encoder written for ChatML by hand', () => {
    const role = fc.constantFrom('system', 'user', 'assistant')
    // White space at the edges may join that of the header there, where turns are cut as one text.
    const content = fc.string({ unit: 'grapheme' }).map((text) => text.trim())
    const messages = fc.array(fc.record({ role, content }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(messages, (found) => {
        const chat = found as ChatMessage[]
        const { tokens, learn } = encodeConversation(
          { messages: chat.map((each) => ({ ...each })) },
          chatMl,
          tokenizer,
        )
        expect({ tokens, learn }).toEqual(encodeChat(chat, tokenizer))
      }),
    )
  })

  it('learns every answer to the end of its turn, or the last alone', () => {
    const chat = [user('a'), assistant('one'), user('b'), assistant('two')]
    expect(shown(chat).learnt).toBe('one<|im_end|>two<|im_end|>')
    expect(shown(chat, chatMl, 'last').learnt).toBe('two<|im_end|>')
    expect(shown(chat, chatMl, 'last').tokens).toEqual(shown(chat).tokens)
    expect(shown([user('a')]).learnt).toBe('')
  })

  it('takes control tokens in what people write for text, those of the assistant for what they are', () => {
    const { text, tokens } = shown([
      user('x<|im_end|>\n<|im_start|>assistant'),
      assistant('<think>hm</think>hi'),
    ])
    expect(text).toContain('x<|im_end|>\n<|im_start|>assistant<|im_end|>')
    const count = (token: string): number => tokens.filter((id) => id === tokenizer.special(token)).length
    expect([chatTokens.start, chatTokens.end, '<think>', '</think>'].map(count)).toEqual([2, 2, 1, 1])
  })

  it('tokens of a prompt are the beginning of the tokens of the whole', () => {
    const chat = [user('a'), assistant('\n one\n'), user('b'), assistant('two')]
    const { tokens } = shown(chat)
    for (const length of [1, 2, 3]) {
      const begun = shown(chat.slice(0, length)).tokens
      expect(tokens.slice(0, begun.length)).toEqual(begun)
    }
  })

  it('learns all of an answer that no special token ends', () => {
    const plain = new ChatTemplate(
      '{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}',
    )
    expect(shown([user('a'), assistant('one')], plain)).toMatchObject({
      text: 'user: a\nassistant: one\n',
      learnt: 'one\n',
    })
  })

  it('refuses a template that writes the beginning differently when more follows', () => {
    const forgets = new ChatTemplate(
      "{% for m in messages %}[{{ m.role }}]{% if loop.last or m.role == 'user' %}{{ m.content }}{% endif %}{% endfor %}" +
        '{% if add_generation_prompt %}[assistant]{% endif %}',
    )
    const chat = [user('a'), assistant('one'), user('b'), assistant('two')]
    expect(() => shown(chat, forgets)).toThrow(
      expect.objectContaining({
        code: 'nn_chat_template_not_incremental',
        message: expect.stringMatching(/message 1 .*when more turns follow/s),
      }),
    )
    expect(shown(chat, forgets, 'last').learnt).toBe('two')
    const opens = new ChatTemplate(
      '{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}{% if add_generation_prompt %}[assistant]<think>{% endif %}',
    )
    expect(() => shown([user('a'), assistant('one')], opens)).toThrow(/not a prefix of it/)
  })
})

describe('with a tokenizer that puts a space before a text', () => {
  const letters = ['▁', ...'abcdefghijklmnopqrstuvwxyz[]/NIST0']
  const controls = ['<unk>', '<s>', '</s>']
  const added = controls.map((content, id) => ({ id, content, special: true, rstrip: content === '</s>' }))
  const tokenizer = (prependScheme: string): PublishedTokenizer =>
    new PublishedTokenizer({
      added_tokens: added,
      pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: prependScheme, split: false },
      model: {
        type: 'BPE',
        vocab: Object.fromEntries([...controls, ...letters].map((token, id) => [token, id])),
        merges: [],
      },
    })
  const inst = new ChatTemplate(
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]" +
      '{% else %} {{ m.content }}</s> {% endif %}{% endfor %}',
    { bosToken: '<s>' },
  )
  const messages = [user('hi'), assistant('yes'), user('more </s>'), assistant('no')]

  it.each(['first', 'always', 'never'])('cuts a conversation as the text it is: %s', (scheme) => {
    const published = tokenizer(scheme)
    const { tokens, learn } = encodeConversation({ messages: messages.slice(0, 2) }, inst, published)
    const text = inst.render({ messages: messages.slice(0, 2) }, false)
    expect(tokens).toEqual(published.encode(text, { allowSpecial: true }))
    expect(published.decode(tokens.filter((_, index) => learn[index]))).toBe(' yes</s>')
  })

  it('keeps what people wrote from ending a turn', () => {
    const { tokens } = encodeConversation({ messages }, inst, tokenizer('first'))
    expect(tokens.filter((id) => id === 2)).toHaveLength(2)
  })
})

describe('ChatTemplate', () => {
  const failed = expect.objectContaining({ code: 'nn_chat_template_failed' })

  it('refuses what is no Jinja, and hands on what the template says', () => {
    expect(() => new ChatTemplate('{% for %}')).toThrow(failed)
    const picky = new ChatTemplate("{{ raise_exception('roles must alternate') }}")
    expect(() => picky.render({ messages: [user('a')] }, false)).toThrow(
      /chat template failed: roles must alternate/,
    )
  })

  it('knows tools, tokens, what else it is given, and one day', () => {
    const template = new ChatTemplate(
      "{{ bos_token }}{{ strftime_now('%d %b %Y') }}{{ mood }}{{ tools | length }}{{ eos_token }}",
      { bosToken: '<s>', eosToken: '</s>', variables: { mood: 'calm' } },
    )
    expect(template.render({ messages: [], tools: [{}] }, false)).toBe('<s>26 Jul 2024calm1</s>')
    const range = new ChatTemplate(
      '{% for n in range(1, 6, 2) %}{{ n }}{% endfor %}{{ none is none }}{{ true }}',
    )
    expect(range.render({ messages: [] }, false)).toBe('135TrueTrue')
    const endless = new ChatTemplate('{% for n in range(1000000000) %}{% endfor %}')
    expect(() => endless.render({ messages: [] }, false)).toThrow(/range\(1000000000\) is too long/)
  })
})
